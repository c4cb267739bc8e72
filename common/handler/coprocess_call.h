/* kept_turn: a job's turn with a handler that is kept running: it is written, and what comes back
 * is read, until the result is there or the process has ended. Used by the slot's thread. */
#ifndef NATSQ_KEPT_TURN_H
#define NATSQ_KEPT_TURN_H

#include "handler/attempt.h"
#include "handler/protocol.h"
#include "handler/coprocess.h"
#include "handler/kill_schedule.h"

enum { KEPT_ANSWERS_MAX = KEPT_RESULT_MAX + 16 }; /* a Result and what stands around it */

/* The process and what goes to and fro. */
struct kept_channel {
    const struct kept_codec *codec;
    struct kept_process process;
    struct stderr_relay relay; /* of its stderr */
    struct kept_job job;
    struct buffer message; /* the job's */
    char *answers;         /* KEPT_ANSWERS_MAX bytes */
    size_t n_answers;      /* bytes read of them */
};

struct kept_turn {
    struct kept_channel *channel;
    struct attempt *attempt; /* NULL at the close */
    struct kill_schedule schedule;
    bool is_asked; /* the job is on its way, or there */
    size_t sent;   /* bytes of the message */
    struct kept_result result;
    const char *fault; /* what it did against the protocol */
    bool has_result, has_ended;
};

/* The job's message is on its way from here on. */
void kept_turn_ask(struct kept_turn *turn);

/* Waits for whatever comes first, and does what the clock says. */
void kept_turn_step(struct kept_turn *turn);

/* Reads what it wrote; true while there may be more. */
bool kept_turn_read(struct kept_turn *turn);

/* Takes leave of the process, which has ended, and of its group when it was made to end. */
void kept_turn_release(struct kept_turn *turn, struct verdict *verdict);

#endif
