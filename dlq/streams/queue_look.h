/* queue_look: one look at a queue: both streams, the durables of the workers and of `dlq run`, the
 * oldest jobs, and how many letters there are. All requests of a look are in flight at once, and
 * none reads more than one message. */
#ifndef NATSQ_QUEUE_LOOK_H
#define NATSQ_QUEUE_LOOK_H

#include "queue/dlq_subjects.h"
#include "queue/first_match.h"
#include "streams/consumer_list.h"
#include "streams/stream_room.h"

struct dlq;

/* A durable of the origin. */
struct durable_look {
    char name[CONSUMER_NAME_MAX];
    struct durable_state state; /* created 0: the server did not answer */
    struct json_t *config;      /* owned */
    int64_t oldest; /* when its oldest job that is not done was stored; 0: none; -1: not known */
};

#define QUEUE_LOOK_NO_ANSWER "no answer"

struct queue_look {
    int64_t at, time; /* when: clock_now, timestamp_now */
    struct stream_room origin, letters;
    bool has_letters; /* the DLQ stream stores letters, not only advisories */
    bool knows_durables;
    struct durable_look *durables;
    size_t n_durables;
    struct durable_state collects, decides;  /* the durables of `run`; created 0: there is none */
    struct first_match stored[DLQ_SUBJECTS]; /* messages about the origin in the DLQ stream */
    char trouble[256];                       /* why a stream could not be looked up; empty: none */
    /* For the next look: the names of all consumers of the origin and of the DLQ stream. */
    struct json_t *names[2];
};

/* `before` is the look before, or zero: it names the consumers, whose ack floors say where to look
 * for the oldest jobs. So the first look knows no consumers, and the second no oldest jobs. 0; 1:
 * there is `trouble`; -1: a stream may not be looked up (77), or nothing could be sent. Other parts
 * that may not be read are not known. */
int queue_look_take(struct queue_look *look, const struct queue_look *before, const struct dlq *dlq,
                    struct error *error);

/* A look with all parts: the third of three. The same results. */
int queue_look_take_whole(struct queue_look *look, const struct dlq *dlq, struct error *error);

void queue_look_clear(struct queue_look *look);

/* The jobs of all durables; without a durable, all that the origin holds are pending. */
struct queue_jobs {
    bool is_known;
    uint64_t pending, in_flight; /* not yet delivered; delivered and not yet acknowledged */
    int64_t oldest; /* when the oldest that is not done was stored; 0: none; -1: not known */
};

struct queue_jobs queue_look_jobs(const struct queue_look *look); /* pure */

#endif
