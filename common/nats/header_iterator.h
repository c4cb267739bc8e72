/* header_iterator: walks all headers of a message, each value of a name in its order.
 *
 *     _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
 *     while (header_iterator_next(&header))
 *         … header.name, header.value …
 *
 * Name and value belong to the message, which must not change meanwhile. */
#ifndef NATSQ_HEADER_ITERATOR_H
#define NATSQ_HEADER_ITERATOR_H

#include <nats/nats.h>
#include <stdbool.h>

struct header_iterator {
    natsMsg *message; /* set by the caller, everything else is zero */
    const char *name, *value;
    bool is_first;     /* the first value of this name */
    natsStatus status; /* at the end: NATS_OK, also for no headers, or why it ended early */
    const char **names, **values;
    int n_names, n_values, next_name, next_value;
};

bool header_iterator_next(struct header_iterator *iterator);
void header_iterator_close(struct header_iterator *iterator);

#endif
