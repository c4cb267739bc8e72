/* coprocess: the process of a handler that is kept running, and our ends of its pipes. A process
 * that exits before it has answered is not restarted at once. */
#ifndef NATSQ_COPROCESS_H
#define NATSQ_COPROCESS_H

#include "handler/protocol.h"
#include "handler/supervisor.h"

enum { COPROCESS_ANSWER_MAX = PROTOCOL_RESULT_MAX + 16 }; /* a Result and its framing */

struct coprocess {
    struct supervisor supervisor;
    const struct protocol_codec *codec;
    int input, output;       /* of its stdin and stdout, nonblocking; -1: closed */
    char *answer;            /* COPROCESS_ANSWER_MAX bytes, … */
    size_t n_answer;         /* … of which so many were read */
    uint64_t n_jobs;         /* that the process has answered */
    int64_t pause, start_at; /* the last pause, and when the next start is allowed */
};

int coprocess_init(struct coprocess *coprocess, const struct handler_options *options,
                   const struct log *log, struct error *error);
void coprocess_release(struct coprocess *coprocess);

bool coprocess_runs(const struct coprocess *coprocess);

int coprocess_start(struct coprocess *coprocess, char *const *environment, struct error *error);

/* Ends with a process that has exited; as supervisor_reap. */
void coprocess_reap(struct coprocess *coprocess, struct verdict *verdict);

/* Closes one of our ends; takes -1. */
void coprocess_close_end(int *end);

#endif
