/* source_kind: what a kind of source implements, in its file source_<kind>.c. A kind serves one or
 * several values of enum publisher_source. */
#ifndef NATSQ_SOURCE_KIND_H
#define NATSQ_SOURCE_KIND_H

#include "base/error.h"
#include "publisher_options.h"

#include <stdint.h>

enum { SOURCE_LOCATION_MAX = 400 };

/* A job as a source returns it, or what is in its place in the input. Valid until the source is
 * asked for the next one. */
struct source_item {
    const void *body;
    size_t length;
    uint64_t number; /* from 0, over all of the input; records that were skipped have one too */
    const void *raw; /* as in the input */
    size_t raw_length;
    const char *subject, *id; /* the job's own, or NULL */
    const struct header *headers;
    size_t n_headers;
    const char *fault; /* why it is not a job; NULL: it is one */
    bool oversize;     /* longer than any server accepts: it has no body */
    bool partial;      /* the last of its file, without a delimiter after it: it may still grow */
    bool grown;        /* an earlier run published it when it was shorter: now it is another job */
};

enum source_state { SOURCE_ITEM, SOURCE_WAIT, SOURCE_END };

/* When to ask again after SOURCE_WAIT: when `fd` (-1: none) is readable, or at `until`, a time of
 * clock_now (INT64_MAX: never). */
struct source_wait {
    int fd;
    int64_t until;
};

/* Each kind's own struct begins with one. */
struct source {
    const struct source_kind *kind;
    bool confirm_each;    /* each job is confirmed, and logged, before the next one is sent */
    uint64_t total, done; /* its size (0: not known) and how much was read, in the same unit */
};

/* The functions behind those of source.h, which says what they do. */
struct source_kind {
    int (*next)(struct source *source, struct source_item *item, struct source_wait *wait,
                struct error *error);
    void (*location)(const struct source *source, uint64_t number, char text[SOURCE_LOCATION_MAX]);
    void (*stop)(struct source *source);
    void (*close)(struct source *source);
};

typedef int source_opener(struct source **opened, const struct publisher_options *options,
                          struct error *error);
source_opener source_open_count, source_open_records;

#endif
