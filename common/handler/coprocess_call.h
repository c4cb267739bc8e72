/* coprocess_call: one job that is written to a coprocess, and the result that is read back. A call
 * ends with its result or with the exit of the process. */
#ifndef NATSQ_COPROCESS_CALL_H
#define NATSQ_COPROCESS_CALL_H

#include "handler/coprocess.h"

struct coprocess_call {
    struct coprocess *coprocess;
    const struct buffer *message; /* the job, encoded; NULL until coprocess_call_begin */
    size_t sent;                  /* bytes of it */
    struct protocol_result result;
    const char *fault; /* how the process violated the protocol */
    bool has_result, has_exited;
};

/* Begins to send the job's message. */
void coprocess_call_begin(struct coprocess_call *call, const struct buffer *message);

/* Waits for an event of the process, and handles it. */
void coprocess_call_wait(struct coprocess_call *call);

/* Reads from the process's stdout; true while there may be more. */
bool coprocess_call_read(struct coprocess_call *call);

#endif
