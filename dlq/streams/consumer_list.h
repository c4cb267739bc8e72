/* consumers: all consumers of a stream as they are at one time, and their filters. */
#ifndef NATSQ_CONSUMERS_H
#define NATSQ_CONSUMERS_H

#include "queue/durable.h"

enum { CONSUMER_NAME_MAX = 256 };

struct consumer {
    char name[CONSUMER_NAME_MAX];
    struct durable_state state;
    struct json_t *config; /* owned */
};

struct consumers {
    struct consumer *item;
    size_t n, room;
};

/* Asks for each in turn. -1 when something did not answer; one that is deleted meanwhile is left
 * out. Takes an empty `consumers`, or one to be filled anew. */
int consumers_look_up(struct consumers *consumers, struct requester *requester, const char *stream,
                      struct error *error);
void consumers_clear(struct consumers *consumers);

/* Its filters one by one, `>` for one that takes all; NULL behind the last. */
const char *consumer_filter(const struct consumer *consumer, size_t i);
const char *consumer_filter_in(const struct json_t *config, size_t i);

/* Whether one filter matches all that this subject, or filter, matches. */
bool consumers_cover(const struct consumers *consumers, const char *subject);

#endif
