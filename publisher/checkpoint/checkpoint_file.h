/* checkpoint_file: the file of --checkpoint on disk, locked while a publisher uses it.
 *
 * It is a JSON object. Writing replaces the file by a rename. The lock (fcntl) is on the file
 * itself, so each replacement is locked too; the kernel drops the lock when the process ends. */
#ifndef NATSQ_CHECKPOINT_FILE_H
#define NATSQ_CHECKPOINT_FILE_H

#include "base/cleanup.h"
#include "base/error.h"
#include "checkpoint/checkpoint_state.h"

/* What the checkpoint belongs to; a run with another key is refused. */
struct checkpoint_key {
    const char *prefix; /* NULL: any */
    const char *subject, *source;
};

struct checkpoint_file;

/* Locks the file, creates it if it does not exist, and reads it into `state`, whose prefix stays
 * NULL for a new file. Keeps `path` and the strings of `key`. -1: 78, or 75 when another publisher
 * uses it. */
int checkpoint_file_open(struct checkpoint_file **opened, const char *path,
                         const struct checkpoint_key *key, struct checkpoint_state *state,
                         struct error *error);
void checkpoint_file_close(struct checkpoint_file *file);

/* -1 (78): it cannot be written. */
int checkpoint_file_write(struct checkpoint_file *file, const struct checkpoint_state *state,
                          struct error *error);

CLEANUP_DEFINE(struct checkpoint_file *, cleanup_checkpoint_file, checkpoint_file_close)

#endif
