/* watched_queue: a queue as `dlq watch` may know it, for tests of what it shows. */
#ifndef NATSQ_WATCHED_QUEUE_H
#define NATSQ_WATCHED_QUEUE_H

#include "base/duration.h"
#include "watch/watch.h"

#include "unit.h"

#include <jansson.h>

#define NOW (INT64_C(1790000000) * DURATION_S) /* 2026-09-21T14:13:20Z */
#define MIB (INT64_C(1) << 20)

enum { WATCHED_DURABLES = 12 };

static struct durable_look watched_durables[WATCHED_DURABLES];

/* One durable with a worker, letters of two errors, and a pace; the census is to be cleared. */
static inline struct watch watched_queue(void)
{
    struct durable_look processor = {
        .name = "processor",
        .state = {.created = 1, .pending = 1204, .ack_pending = 16, .redelivered = 3, .waiting = 4},
        .oldest = NOW - 312 * DURATION_S,
    };
    for (size_t i = 0; i < WATCHED_DURABLES; i++)
        watched_durables[i] = processor;
    struct watch watch = {
        .every = 2 * DURATION_S,
        .look =
            {.at = 1,
             .time = NOW,
             .origin = {.created = 1, .messages = 1220, .bytes = 35 * MIB, .max_bytes = 256 * MIB},
             .letters = {.created = 1, .messages = 255, .bytes = 1230, .max_bytes = 256 * MIB},
             .has_letters = true,
             .knows_durables = true,
             .durables = watched_durables,
             .n_durables = 1,
             .collects = {.created = 1, .waiting = 1},
             .decides = {.created = 1, .waiting = 1},
             .stored = {{.is_known = true, .n = 3, .time = NOW - 60 * DURATION_S},
                        {.is_known = true, .n = 12, .time = NOW - DURATION_HOUR},
                        {.is_known = true, .n = 240, .time = NOW - 76 * DURATION_HOUR}}},
        .pace = {.is_known = true, .published = 12, .done = 123.4, .dead = 0.5},
        .census = {.announced = 3, .is_judged = true},
    };
    for (int i = 0; i <= 6; i++) {
        sparkline_add(&watch.published, 12);
        sparkline_add(&watch.done, i);
        sparkline_add(&watch.dead, i == 6 ? 0.5 : 0);
    }
    watch.census.whole = (struct letter_tally){
        .groups = json_loads("{\"connection refused\":{\"held\":120},\"exit 1\":{\"waiting\":12,"
                             "\"held\":120}}",
                             0, NULL),
        .read = 252,
    };
    return watch;
}

#endif
