/* consumers: all consumers of a stream as they are at one time, and their filters. */
#ifndef NATSQ_CONSUMER_LIST_H
#define NATSQ_CONSUMER_LIST_H

#include "queue/durable.h"

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

/* Asks for each in turn. -1 when something did not answer; one that is deleted meanwhile is left
 * out. Takes an empty `consumers`, or one to be filled anew. */
int consumer_list_fetch(struct consumer_list *consumers, struct requester *requester,
                        const char *stream, struct error *error);
void consumer_list_clear(struct consumer_list *consumers);

/* Its filters one by one, `>` for one that takes all; NULL behind the last. */
const char *consumer_filter(const struct consumer *consumer, size_t i);
const char *consumer_filter_in(const struct json_t *config, size_t i);

/* Whether one filter matches all that this subject, or filter, matches. */
bool consumer_list_covers(const struct consumer_list *consumers, const char *subject);

#endif
