#include "handler/verdict.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

void verdict_of_exit(struct verdict *verdict, int code, int status)
{
    verdict->exit_code = code == CLD_EXITED ? status : -1;
    verdict->signal = code == CLD_EXITED ? 0 : status;
    verdict->kind = verdict->exit_code == 0            ? VERDICT_DONE
                    : verdict->exit_code == EX_DATAERR ? VERDICT_HOPELESS
                                                       : VERDICT_RETRY;
    if (verdict->kind == VERDICT_HOPELESS)
        strcpy(verdict->reason, "hopeless");
    else if (verdict->signal)
        snprintf(verdict->reason, sizeof verdict->reason, "signal %d", verdict->signal);
    else
        snprintf(verdict->reason, sizeof verdict->reason, "exit %d", verdict->exit_code);
}

void verdict_unstarted(struct verdict *verdict, const char *why)
{
    *verdict =
        (struct verdict){.kind = VERDICT_UNSTARTED, .exit_code = -1, .reason = "not started"};
    snprintf(verdict->error, sizeof verdict->error, "%.*s", VERDICT_ERROR_MAX - 1, why);
}

const char *verdict_kind_text(enum verdict_kind kind)
{
    static const char *const texts[] = {
        [VERDICT_RETRY] = "retry",         [VERDICT_DONE] = "done",
        [VERDICT_HOPELESS] = "hopeless",   [VERDICT_STOPPED] = "stopped",
        [VERDICT_UNSTARTED] = "unstarted",
    };
    return (unsigned)kind < VERDICT_KINDS ? texts[kind] : "unknown";
}
