/* source: where the jobs come from. One file a kind: source_count.c, source_lines.c,
 * source_jsonl.c; a new kind is a struct source_kind and a line in source_open. */
#ifndef NATSQ_SOURCE_H
#define NATSQ_SOURCE_H

#include "base/cleanup.h"
#include "base/error.h"
#include "publisher_options.h"
#include "source/source_item.h"

#include <stdbool.h>
#include <stdint.h>

enum { SOURCE_PLACE_MAX = 400 };

enum source_state { SOURCE_ITEM, SOURCE_WAIT, SOURCE_END };

/* When to ask again after SOURCE_WAIT: when `fd` (-1: none) is readable, or at `until`, a time of
 * clock_now (INT64_MAX: never). */
struct source_wait {
    int fd;
    int64_t until;
};

struct source;

struct source_kind {
    int (*next)(struct source *source, struct source_item *item, struct source_wait *wait,
                struct error *error);
    void (*place)(const struct source *source, uint64_t number, char place[SOURCE_PLACE_MAX]);
    void (*stop)(struct source *source);
    void (*close)(struct source *source);
};

/* Each kind's own struct begins with one. */
struct source {
    const struct source_kind *kind;
    bool one_by_one;      /* each job is confirmed, and logged, before the next */
    uint64_t total, done; /* how much there is (0: not known) and was taken, in a unit of its own */
};

/* What the options say. All FILEs are looked at, so that none fails in the midst: -1 (66). */
int source_open(struct source **opened, const struct publisher_options *options,
                struct error *error);
void source_close(struct source *source);

/* An enum source_state, or -1 when the input cannot be read on (66). Never blocks on a pipe. */
int source_next(struct source *source, struct source_item *item, struct source_wait *wait,
                struct error *error);

/* From here on nothing is waited for: source_next gives what is at hand, then the end. */
void source_stop(struct source *source);

/* Where the job of that number, which was next before, came from: "orders.txt:17". */
const char *source_place(const struct source *source, uint64_t number,
                         char place[SOURCE_PLACE_MAX]);

/* How many jobs the source would still have made; 0 where they come from an input. */
uint64_t source_unmade(const struct source *source);

/* The kinds, for source_open. */
int source_open_count(struct source **opened, const struct publisher_options *options,
                      struct error *error);
int source_open_lines(struct source **opened, const struct publisher_options *options,
                      struct error *error);
int source_open_jsonl(struct source **opened, const struct publisher_options *options,
                      struct error *error);

CLEANUP_DEFINE(struct source *, cleanup_source, source_close)

#endif
