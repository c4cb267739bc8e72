/* retire: removes dead jobs from the origin, once their letter or their fate is safe.
 *
 * A job that used up its attempts stays in a work-queue stream until somebody acknowledges it on
 * its consumer's behalf: `+ACK` to $JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.0.0.0, of which
 * only the sequence has to be right (nats-server 2.9 to 2.15, R1 and R3, with deny-delete on), or
 * to the longer form where the server's deliveries have it (delivery.h). The answer says little;
 * what the leader then holds decides. */
#ifndef NATSQ_RETIRE_H
#define NATSQ_RETIRE_H

#include "letter/letter.h"
#include "nats/requester.h"

enum retire_outcome {
    RETIRE_LATER, /* the server has not said, or not removed it yet: try again */
    RETIRE_GONE,  /* not in the origin any more, by us or by somebody */
    RETIRE_OTHER, /* another job has the sequence: the origin was made anew; left alone */
    RETIRE_ALIVE, /* alive again (revival): left alone, and its letter settled without a put-back */
};

/* Which job: by identity, never by the sequence alone. The texts are the caller's. */
struct retirement {
    const char *origin, *consumer, *subject;
    uint64_t seq, deliveries;
    int64_t stored_at;
    enum retire_outcome outcome;
};

/* The job that a letter is about. */
struct retirement retirement_of(const struct letter *letter);

/* Retires all, in a few round trips for the whole batch. -1 when the connection failed under it,
 * or (77) the server refuses: then the outcomes are as far as it got, and LATER for the rest. */
int retire(struct requester *requester, struct connection *connection, struct retirement *items,
           size_t n, struct error *error);

/* The same look without a removal: LATER stands for one that is there and dead, or unknown. Before
 * anything is done about a letter whose job may be alive again. */
int retire_look(struct requester *requester, struct connection *connection,
                struct retirement *items, size_t n, struct error *error);

#endif
