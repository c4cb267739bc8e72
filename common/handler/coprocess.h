/* coprocess: the process of a handler that is kept running, and our ends of its pipes. A process
 * that exits before it has answered is not restarted immediately. */
#ifndef NATSQ_COPROCESS_H
#define NATSQ_COPROCESS_H

#include "handler/protocol.h"
#include "handler/supervisor.h"

enum { COPROCESS_ANSWER_MAX = PROTOCOL_RESULT_MAX + 16 }; /* a Result and its framing */

struct coprocess {
    struct supervisor supervisor;
    const struct protocol_codec *codec;
    int input, output; /* our ends of its stdin and stdout, nonblocking; -1: closed */
    char answer[COPROCESS_ANSWER_MAX]; /* what was read from `output` */
    size_t n_answer;                   /* bytes of it */
    uint64_t n_jobs;                   /* jobs that this process has answered */
    int64_t pause, start_at;           /* the last pause, and when the next start is allowed */
};

/* Fills in a coprocess that is all zeros. Keeps `options` and `log`. */
void coprocess_init(struct coprocess *coprocess, const struct handler_options *options,
                    const struct log *log);

bool coprocess_runs(const struct coprocess *coprocess);

/* Starts the process, which inherits only `environment`. -1 (71): it cannot be started now. */
int coprocess_start(struct coprocess *coprocess, char *const *environment, struct error *error);

/* Call it once the process has exited; like supervisor_reap. */
void coprocess_reap(struct coprocess *coprocess, struct verdict *verdict);

/* Closes one of our ends, unless it is -1. */
void coprocess_close_end(int *end);

#endif
