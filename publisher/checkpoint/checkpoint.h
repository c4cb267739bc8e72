/* checkpoint: the file of --checkpoint, which records up to where in the input every job is
 * settled, so that a run after a crash starts there.
 *
 * It holds that position, the id prefix, and a hash of the confirmed records before the position. A
 * run with another input or prefix is refused, but the input may have grown, even in a last record
 * that had no delimiter. A job that was refused for good does not block the position; each run
 * tries it again, because it may have been corrected in place. A job that failed otherwise blocks
 * the position for the rest of the run. */
#ifndef NATSQ_CHECKPOINT_H
#define NATSQ_CHECKPOINT_H

#include "base/cleanup.h"
#include "source/source_kind.h"

struct checkpoint;

enum checkpoint_outcome {
    CHECKPOINT_OPEN, /* not settled yet */
    CHECKPOINT_CONFIRMED,
    CHECKPOINT_REFUSED, /* refused permanently */
    CHECKPOINT_FAILED,
    CHECKPOINT_SKIPPED /* skipped by the source: not a job */
};

/* Reads the file if it exists, and writes it. No other publisher can use it until it is closed. The
 * prefix is that of the options, else that of the file, else `generated`. -1: another publisher
 * uses it (75); it cannot be read or written, it belongs to another prefix, subject or option
 * of source, or is already known to belong to another input (78). */
int checkpoint_open(struct checkpoint **opened, const struct publisher_options *options,
                    const char *generated, struct error *error);
void checkpoint_close(struct checkpoint *checkpoint);

const char *checkpoint_prefix(const struct checkpoint *checkpoint);

/* The functions below take NULL, which stands for a run without --checkpoint. */

/* To be called for each record of the source in order, before it is sent. Sets `grown`. 1: skip the
 * record, it was confirmed before. -1: the records before it differ from the checkpoint's (78). */
int checkpoint_skip(struct checkpoint *checkpoint, struct source_item *item, struct error *error);

/* To be called at the end of the source. -1: the checkpoint belongs to a longer input (78). */
int checkpoint_check_end(const struct checkpoint *checkpoint, struct error *error);

/* To be called for a job that is not skipped, before it is sent. False: too many jobs before it are
 * open; call it again when one was settled. */
bool checkpoint_track(struct checkpoint *checkpoint, uint64_t number);

/* The outcome of a job that is tracked. */
void checkpoint_settle(struct checkpoint *checkpoint, uint64_t number,
                       enum checkpoint_outcome outcome);

/* Writes the file if something changed and a second has passed since the last time, or with `now`.
 * -1: 78. */
int checkpoint_write(struct checkpoint *checkpoint, bool now, struct error *error);

CLEANUP_DEFINE(struct checkpoint *, cleanup_checkpoint, checkpoint_close)

#endif
