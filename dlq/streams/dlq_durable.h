/* dlq_durable: the two durables with which dlq takes from its own stream, their names and filters.
 *
 * A DLQ stream may serve several origins, and one of them has the plain name (`letter_handler`):
 * the others get `<name>_<origin>`. A durable with another origin's filter is never touched. Both
 * runs of an origin find the same name: whatever has our filter is ours, and creating one is
 * create-only, so that of two who create at once the second finds what the first made. */
#ifndef NATSQ_DLQ_DURABLE_H
#define NATSQ_DLQ_DURABLE_H

#include "queue/dlq_subjects.h"
#include "queue/durable.h"

struct consumer_list;

enum dlq_duty { DUTY_COLLECT, DUTY_DECIDE }; /* advisories; letters */

enum { DLQ_DURABLE_NAME_MAX = 320 };

struct dlq_durable {
    enum dlq_duty duty;
    const char *stream, *origin; /* the caller's */
    char plain[DLQ_DURABLE_NAME_MAX], own[DLQ_DURABLE_NAME_MAX];
    char filter[DLQ_SUBJECT_MAX];
    const char *name; /* plain or own: ours at present, or what ours would be called */
};

void dlq_durable_begin(struct dlq_durable *durable, enum dlq_duty duty, const char *stream,
                       const char *origin);

/* ---- Pure */

enum dlq_owner {
    OWNER_NOBODY,       /* there is none of the name */
    OWNER_US,           /* it has our filter */
    OWNER_US_OTHERWISE, /* it is about our origin alone, with another filter: to be recreated */
    OWNER_OTHER,        /* of another origin, or of another program */
};

/* Of a consumer with this configuration; NULL: there is none. */
enum dlq_owner dlq_durable_owner(const struct dlq_durable *durable, const struct json_t *config);

/* Which of the names to use, or NULL when neither is free. */
const char *dlq_durable_choose(const struct dlq_durable *durable, enum dlq_owner plain,
                               enum dlq_owner own);

/* ---- What the server has */

/* The name among these consumers of the stream; as it is chosen when it is not there. */
void dlq_durable_find(struct dlq_durable *durable, const struct consumer_list *consumers);

/* Makes ours or takes it as it is there; its name and state. 1: it was not there. -1 (78) when
 * neither name is free, or another consumer takes what is ours. */
int dlq_durable_ensure(struct dlq_durable *durable, struct requester *requester,
                       const struct log *log, struct durable_state *state, struct error *error);

#endif
