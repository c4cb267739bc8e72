/* consumer_list: all consumers of a stream, with their configurations and states. */
#ifndef NATSQ_CONSUMER_LIST_H
#define NATSQ_CONSUMER_LIST_H

#include "nats/requester.h"
#include "queue/durable_state.h"

enum { CONSUMER_NAME_MAX = 256 };

struct consumer {
    char name[CONSUMER_NAME_MAX];
    struct durable_state state;
    struct json_t *config; /* owned */
};

struct consumer_list {
    struct consumer *items;
    size_t n, room;
};

/* Fetches each in turn; a consumer that is deleted meanwhile is left out. -1 when the server did
 * not answer. A list that was filled before is filled again. */
int consumer_list_fetch(struct consumer_list *consumers, struct requester *requester,
                        const char *stream, struct error *error);
void consumer_list_clear(struct consumer_list *consumers);

/* NULL when the stream has no consumer of this name. */
const struct consumer *consumer_list_find(const struct consumer_list *consumers, const char *name);

/* The ith filter, `>` for a consumer without one; NULL after the last. */
const char *consumer_filter(const struct consumer *consumer, size_t i);
const char *consumer_filter_in(const struct json_t *config, size_t i);

/* Whether a filter of some consumer covers this subject or filter. */
bool consumer_list_covers(const struct consumer_list *consumers, const char *subject);

#endif
