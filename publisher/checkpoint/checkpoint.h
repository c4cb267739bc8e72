/* checkpoint: the file of --checkpoint: up to where in the input every job is settled, so that a
 * run after a crash begins there.
 *
 * It holds the position, the id prefix, and a hash of the confirmed records before it: another
 * input or prefix is refused, but the input may have grown, also in a last record that nothing
 * delimited. A job that was refused for good does not hold the position; each run tries it again,
 * as it may have been corrected in its place. A job that failed otherwise holds the position for
 * the rest of the run. */
#ifndef NATSQ_CHECKPOINT_H
#define NATSQ_CHECKPOINT_H

#include "publisher_options.h"
#include "source/source.h"

struct checkpoint;

enum checkpoint_outcome { CHECKPOINT_CONFIRMED, CHECKPOINT_REFUSED, CHECKPOINT_FAILED };

/* Reads the file if it is there, and writes it; no other publisher can use it until it is closed.
 * Without a prefix the run takes the one of the file, or `made_up`. -1: 75 when another publisher
 * has it; 78 when it cannot be read or written, or is of another prefix, subject or kind of source,
 * or when it can be seen now that it is of another input. */
int checkpoint_open(struct checkpoint **opened, const struct publisher_options *options,
                    const char *made_up, struct error *error);
void checkpoint_close(struct checkpoint *checkpoint);

const char *checkpoint_prefix(const struct checkpoint *checkpoint);

/* To be called with each record of the source in turn, before it is sent. Fills in `grown`. 1: it
 * was confirmed before: skip it. -1 (78): the records before it differ from the checkpoint's. */
int checkpoint_pass(struct checkpoint *checkpoint, struct source_item *item, struct error *error);

/* The source came to its end: -1 (78) when the checkpoint is of a longer input. */
int checkpoint_end(const struct checkpoint *checkpoint, struct error *error);

/* A job that is not passed over, before it is sent. False while too much is open before it: again,
 * when something was settled. */
bool checkpoint_mark(struct checkpoint *checkpoint, uint64_t number);

/* A job that was marked is settled. */
void checkpoint_settle(struct checkpoint *checkpoint, uint64_t number,
                       enum checkpoint_outcome outcome);

/* Writes it if something changed and a second has passed since, or `now`. -1: 78. */
int checkpoint_write(struct checkpoint *checkpoint, bool now, struct error *error);

CLEANUP_DEFINE(struct checkpoint *, cleanup_checkpoint, checkpoint_close)

#endif
