/* header: one of a job's headers, and what may not be one. Pure. */
#ifndef NATSQ_HEADER_H
#define NATSQ_HEADER_H

#include <stddef.h>

struct header {
    const char *name, *value;
};

/* NULL, or what is wrong with it. nats.c sends a name or value as it is: a line break in one would
 * be another header. Names by which the server decides whether it stores a job are ours. */
const char *header_fault(const char *name, size_t name_length, const char *value,
                         size_t value_length);

/* The same for a message id, which becomes a header's value. */
const char *header_id_fault(const char *id, size_t length);

#endif
