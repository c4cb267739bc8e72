/* source_item: a job as a source gives it, or what stood in its place. */
#ifndef NATSQ_SOURCE_ITEM_H
#define NATSQ_SOURCE_ITEM_H

#include "header.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* It stands until the source is asked for the next. */
struct source_item {
    const void *body;
    size_t length;
    uint64_t number; /* from 0, over all of the input; what was left out has one too */
    const void *raw; /* as it stands in the input */
    size_t raw_length;
    const char *subject, *id; /* the job's own, or NULL */
    const struct header *headers;
    size_t n_headers;
    const char *fault; /* not NULL: it is no job, and why */
    bool oversize;     /* longer than any server takes: there is no body */
    bool partial;      /* the last of its file, and no delimiter follows it: it may grow */
    bool grown;        /* it was published when it was shorter: another job since */
};

#endif
