/* dlq_durable: the two durables of `dlq run` on the DLQ stream, their names and filters.
 *
 * A DLQ stream may serve several origins: one of them has the plain name (`letter_handler`), the
 * others have `<name>_<origin>`. A durable with another origin's filter is never changed. All runs
 * for an origin find the same durable: the one with our filter is ours, and it is created
 * create-only, so that the slower of two runs finds the durable that the other created. */
#ifndef NATSQ_DLQ_DURABLE_H
#define NATSQ_DLQ_DURABLE_H

#include "nats/requester.h"
#include "queue/dlq_subjects.h"
#include "queue/durable_state.h"

struct consumer_list;

enum dlq_duty { DUTY_COLLECT, DUTY_DECIDE }; /* takes advisories; waiting letters */

enum { DLQ_DURABLE_NAME_MAX = 320 };

struct dlq_durable {
    const char *stream, *origin; /* borrowed */
    char plain[DLQ_DURABLE_NAME_MAX], own[DLQ_DURABLE_NAME_MAX];
    char filter[DLQ_SUBJECT_MAX];
    const char *name; /* plain or own: the name of our durable, or the one to create it with */
};

void dlq_durable_begin(struct dlq_durable *durable, enum dlq_duty duty, const char *stream,
                       const char *origin);

/* ---- Pure */

enum dlq_owner {
    OWNER_NOBODY,          /* no durable has the name */
    OWNER_US,              /* it has our filter */
    OWNER_US_OTHER_FILTER, /* it has another filter for our origin alone: to be recreated */
    OWNER_OTHER,           /* it belongs to another origin, or to another program */
};

/* `config` is that of the consumer with the name; NULL when there is none. */
enum dlq_owner dlq_durable_owner(const struct dlq_durable *durable, const struct json_t *config);

/* The name to use, or NULL when neither is free. */
const char *dlq_durable_choose(const struct dlq_durable *durable, enum dlq_owner plain,
                               enum dlq_owner own);

/* ---- On the server */

/* Chooses the name by the consumers of the stream; our durable need not exist. */
void dlq_durable_find(struct dlq_durable *durable, const struct consumer_list *consumers);

/* Creates our durable unless it exists, and finds its name and state. 1: it was created. -1 (78)
 * when neither the plain nor our own name is free, or another consumer has our filter. */
int dlq_durable_ensure(struct dlq_durable *durable, struct requester *requester,
                       const struct log *log, struct durable_state *state, struct error *error);

#endif
