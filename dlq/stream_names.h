/* stream_names: which streams and which verb the words of the command line name. Pure. */
#ifndef NATSQ_STREAM_NAMES_H
#define NATSQ_STREAM_NAMES_H

#include <stddef.h>

struct error;
struct verb;

struct stream_names {
    const char *stream, *origin; /* the stream is the DLQ's */
    const char *verb;            /* "run" when no word names one */
    size_t words;                /* the number of words taken; the verb's arguments follow */
};

/* Takes DLQ_STREAM ORIGIN_STREAM [VERB], or [VERB] alone, when NATSQ_DLQ and NATSQ_ORIGIN (`dlq`
 * and `origin`, NULL or empty: not set) stand in for the streams. They do when there is no word or
 * the first is a verb, unless the third is a verb, too: then the first names a stream. -1: 64. */
int stream_names_take(struct stream_names *names, const char *const *words, size_t n,
                      const struct verb *verbs, const char *dlq, const char *origin,
                      struct error *error);

#endif
