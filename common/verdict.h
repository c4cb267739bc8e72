/* verdict: what a handler made of a job. */
#ifndef NATSQ_VERDICT_H
#define NATSQ_VERDICT_H

enum verdict_kind {
    VERDICT_DONE,
    VERDICT_RETRY,    /* failed: worth another attempt */
    VERDICT_HOPELESS, /* failed: another attempt would fail too */
};

struct verdict {
    enum verdict_kind kind;
    char reason[64]; /* Natsq-Reason: "failed", "exit 1", "signal 9", "timeout 30s", "hopeless" */
    char error[512]; /* Natsq-Error: the last thing that the handler said */
};

#endif
