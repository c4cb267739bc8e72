/* source: where the jobs come from. The option (enum publisher_source) chooses a kind of source
 * (source_kind.h); README.md says what a new one needs. */
#ifndef NATSQ_SOURCE_H
#define NATSQ_SOURCE_H

#include "base/cleanup.h"
#include "source/source_kind.h"

/* Opens the source that the options name. Checks all FILEs, so that none fails halfway: -1 (66). */
int source_open(struct source **opened, const struct publisher_options *options,
                struct error *error);
void source_close(struct source *source);

/* Returns an enum source_state, or -1 when the input cannot be read (66). Never blocks on a pipe.
 */
int source_next(struct source *source, struct source_item *item, struct source_wait *wait,
                struct error *error);

/* From here on source_next returns what can be read without waiting, then SOURCE_END. */
void source_stop(struct source *source);

/* Where in the input the job of that number is: "orders.txt:17". source_next has returned it. */
const char *source_location(const struct source *source, uint64_t number,
                            char text[SOURCE_LOCATION_MAX]);

/* How many jobs the source has yet to generate; 0 where they come from an input. */
uint64_t source_remaining(const struct source *source);

CLEANUP_DEFINE(struct source *, cleanup_source, source_close)

#endif
