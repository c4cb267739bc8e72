/* verdict: what a handler made of a job. */
#ifndef NATSQ_VERDICT_H
#define NATSQ_VERDICT_H

#include <stdbool.h>

enum verdict_kind {
    VERDICT_RETRY, /* failed: worth another attempt; 0, what is never set */
    VERDICT_DONE,
    VERDICT_HOPELESS,  /* failed: another attempt would fail too */
    VERDICT_STOPPED,   /* cut off by a stop of ours: not a failure */
    VERDICT_UNSTARTED, /* the handler could not be started for it: not its failure */
};

enum { VERDICT_ERROR_MAX = 512 };

struct verdict {
    enum verdict_kind kind;
    int exit_code; /* of the process that ran it; -1 when it has none */
    int signal;    /* that ended it, 0 for none */
    bool timed_out;
    char reason[64];               /* Natsq-Reason: "exit 1", "signal 9", "timeout 30s", … */
    char error[VERDICT_ERROR_MAX]; /* Natsq-Error: the last line that the handler wrote on stderr */
};

/* The handler contract: exit 0 done, 65 hopeless, all else failed. Fills in kind, exit_code,
 * signal and reason from what waitid(2) says (`code` CLD_EXITED or another, `status`). Pure. */
void verdict_of_exit(struct verdict *verdict, int code, int status);

/* UNSTARTED, with the words of `why` as its error. */
void verdict_unstarted(struct verdict *verdict, const char *why);

/* "done", "retry", "hopeless", "stopped", "unstarted": total. */
const char *verdict_kind_text(enum verdict_kind kind);

#endif
