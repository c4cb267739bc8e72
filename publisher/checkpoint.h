/* checkpoint: the file of --checkpoint: up to where in the input every job is confirmed, so that a
 * run after a crash begins there.
 *
 * It holds the position, the id prefix, and a hash of the jobs before it: another input or prefix
 * is refused, but the input may have grown, or been mended behind the position. A job that failed
 * holds the position for good. Replaced as a whole, by a rename. */
#ifndef NATSQ_CHECKPOINT_H
#define NATSQ_CHECKPOINT_H

#include "publisher_options.h"
#include "source.h"

struct checkpoint;

/* Reads the file if it is there and writes it. -1 (78): it cannot be read or written, or is of
 * another prefix, subject or kind of source. Without a prefix it brings the one of before, or takes
 * `made_up`. */
int checkpoint_open(struct checkpoint **opened, const struct publisher_options *options,
                    const char *made_up, struct error *error);
void checkpoint_close(struct checkpoint *checkpoint);

const char *checkpoint_prefix(const struct checkpoint *checkpoint);

/* Each job of the source in turn, before it is sent. 1: it was confirmed before, pass over it. -1
 * (78): the jobs before it are others than those of the checkpoint. */
int checkpoint_pass(struct checkpoint *checkpoint, const struct item *item, struct error *error);

/* The source came to its end: -1 (78) when the checkpoint is of a longer input. */
int checkpoint_end(const struct checkpoint *checkpoint, struct error *error);

/* A job that is not passed over, before it is sent. False while too much is open before it: again,
 * when something was settled. */
bool checkpoint_mark(struct checkpoint *checkpoint, uint64_t number);

/* A job that was marked is settled. */
void checkpoint_settle(struct checkpoint *checkpoint, uint64_t number, bool confirmed);

/* Writes it if a second has passed since, or `now`. -1: 78. */
int checkpoint_write(struct checkpoint *checkpoint, bool now, struct error *error);

/* How many jobs were passed over. */
uint64_t checkpoint_passed(const struct checkpoint *checkpoint);

CLEANUP_DEFINE(struct checkpoint *, cleanup_checkpoint, checkpoint_close)

#endif
