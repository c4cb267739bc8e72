/* dead_lettering: stores the letter of a dead job, confirmed, and then terminates the job,
 * confirmed too. Used by one thread. */
#ifndef NATSQ_DEAD_LETTERING_H
#define NATSQ_DEAD_LETTERING_H

#include "handler/attempt.h"
#include "handler/verdict.h"
#include "letter/letter_store.h"
#include "nats/requester.h"
#include "queue/durable_config.h"
#include "queue/settings_check.h"

#include <pthread.h>

/* The last warning that the DLQ refuses letters. Shared by the slots of a worker, so that a
 * full DLQ is reported once for each reason, and again every ten minutes. Initialize it with zeros,
 * except the lock. */
struct dead_lettering_warnings {
    pthread_mutex_t lock;
    int kind;          /* enum puback_kind */
    int64_t warned_at; /* 0: never */
};

struct dead_lettering {
    struct connection *connection;
    struct requester *requester;
    const char *origin, *consumer;
    struct dead_lettering_warnings *warnings;
    struct letter_store *store; /* NULL until the first dead job */
    char stream[256];           /* the DLQ stream */
    struct settings_target settings;
    int64_t settings_checked_at;
    char host[256];
};

/* Keeps the pointers. */
void dead_lettering_init(struct dead_lettering *dead_lettering, struct connection *connection,
                         struct requester *requester, const struct durable_spec *durable,
                         struct dead_lettering_warnings *warnings);
void dead_lettering_release(struct dead_lettering *dead_lettering);

/* True: the letter is stored. False: the DLQ refuses it, which is logged; the job is left
 * alone until its next delivery, or until the server's advisory announces it. */
bool dead_letter_job(struct dead_lettering *dead_lettering, struct attempt *attempt,
                     const struct verdict *verdict);

#endif
