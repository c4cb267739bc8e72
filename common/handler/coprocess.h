/* coprocess: the process of a handler that is kept running, and our ends of its pipes. One that
 * ends before it has finished a job is not started again at once. */
#ifndef NATSQ_COPROCESS_H
#define NATSQ_COPROCESS_H

#include "handler/environment.h"
#include "handler/spawn.h"
#include "handler/stderr_relay.h"
#include "handler/verdict.h"

struct coprocess {
    struct process process;    /* pid 0: none runs */
    int input, output, errors; /* of its stdin, stdout and stderr, nonblocking; -1: closed */
    uint64_t finished;         /* jobs */
    int64_t pause, start_at;   /* the last pause, and when the next start is allowed */
};

void coprocess_init(struct coprocess *kept);

bool coprocess_runs(const struct coprocess *kept);

int coprocess_start(struct coprocess *kept, const char *program, char *const *arguments,
                    char *const *environment, struct error *error);

/* Takes leave of one that has ended: reads the rest of its stderr, and what its status says. */
void coprocess_release(struct coprocess *kept, struct stderr_relay *relay, struct verdict *verdict);

/* Closes an end of ours; takes -1. */
void coprocess_close_end(int *end);

#endif
