/* coprocess_call: a job's turn with a handler that is kept running: it is written, and what comes
 * back is read, until the result is there or the process has ended. Used by the slot's thread. */
#ifndef NATSQ_COPROCESS_CALL_H
#define NATSQ_COPROCESS_CALL_H

#include "handler/attempt.h"
#include "handler/coprocess.h"
#include "handler/kill_schedule.h"
#include "handler/protocol.h"

enum { COPROCESS_ANSWERS_MAX = PROTOCOL_RESULT_MAX + 16 }; /* a Result and what stands around it */

/* The process and what goes to and fro. */
struct coprocess_channel {
    const struct protocol_codec *codec;
    struct coprocess process;
    struct stderr_relay relay; /* of its stderr */
    struct protocol_job job;
    struct buffer message; /* the job's */
    char *answers;         /* COPROCESS_ANSWERS_MAX bytes */
    size_t n_answers;      /* bytes read of them */
};

struct coprocess_call {
    struct coprocess_channel *channel;
    struct attempt *attempt; /* NULL at the close */
    struct kill_schedule schedule;
    bool is_asked; /* the job is on its way, or there */
    size_t sent;   /* bytes of the message */
    struct protocol_result result;
    const char *fault; /* what it did against the protocol */
    bool has_result, has_ended;
};

/* The job's message is on its way from here on. */
void coprocess_call_begin(struct coprocess_call *turn);

/* Waits for whatever comes first, and does what the clock says. */
void coprocess_call_step(struct coprocess_call *turn);

/* Reads what it wrote; true while there may be more. */
bool coprocess_call_read(struct coprocess_call *turn);

/* Takes leave of the process, which has ended, and of its group when it was made to end. */
void coprocess_call_release(struct coprocess_call *turn, struct verdict *verdict);

#endif
