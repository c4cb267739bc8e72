/* verdict: what became of a job in a handler. */
#ifndef NATSQ_VERDICT_H
#define NATSQ_VERDICT_H

#include <stdbool.h>

enum verdict_kind {
    VERDICT_RETRY, /* failed, but another attempt may succeed */
    VERDICT_DONE,
    VERDICT_HOPELESS,  /* failed, and another attempt would fail too */
    VERDICT_STOPPED,   /* cut off by us: not a failure of the job */
    VERDICT_UNSTARTED, /* the handler could not be started: not a failure of the job */
};

enum { VERDICT_KINDS = VERDICT_UNSTARTED + 1, VERDICT_ERROR_MAX = 512 };

struct verdict {
    enum verdict_kind kind;
    int exit_code; /* of the job's process; -1: it has none */
    int signal;    /* the signal that ended the process; 0: none */
    bool timed_out;
    char reason[64];               /* Natsq-Reason: "exit 1", "signal 9", "timeout 30s", … */
    char error[VERDICT_ERROR_MAX]; /* Natsq-Error: the handler's last line on stderr */
};

/* The handler contract: exit 0 is done, 65 hopeless, anything else a failure. Fills in kind,
 * exit_code, signal and reason; `code` (CLD_EXITED, …) and `status` are as of waitid(2). Pure. */
void verdict_of_exit(struct verdict *verdict, int code, int status);

/* UNSTARTED, with `why` as the error. */
void verdict_unstarted(struct verdict *verdict, const char *why);

/* "done", "retry", "hopeless", "stopped", "unstarted"; "unknown" for any other value. */
const char *verdict_kind_text(enum verdict_kind kind);

#endif
