/* header: a header of a job, and checks of its name and value. Pure. */
#ifndef NATSQ_NATS_HEADER_H
#define NATSQ_NATS_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct header {
    const char *name, *value;
};

/* NULL, or what is wrong with the header. nats.c sends names and values unchecked: a line break in
 * one would start another header. Names that control whether the server stores a job are
 * reserved. A value need not be UTF-8. */
const char *header_fault(const char *name, size_t name_length, const char *value,
                         size_t value_length);

/* The same for a message id, which becomes the value of a header. */
const char *header_id_fault(const char *id, size_t length);

/* Splits "NAME: VALUE". The value lacks the blanks before it. False: there is no colon. */
bool header_split(const char *text, size_t *name_length, const char **value);

#endif
