/* private_file: a text in a file that only its owner can read (0600), in a folder of its own
 * (0700), for another program to change. At the end it is overwritten and removed, with whatever
 * else that program left in the folder; also when the process ends by quick_exit, as after a second
 * signal. One at a time in a process. */
#ifndef NATSQ_PRIVATE_FILE_H
#define NATSQ_PRIVATE_FILE_H

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct private_file {
    char folder[PATH_MAX], path[PATH_MAX]; /* empty: none */
    int fd; /* the file as it was created: the program may replace it by another one */
    bool keeps;
};

/* In $XDG_RUNTIME_DIR, $TMPDIR or /tmp, the first in which a folder can be created. -1 (73). */
int private_file_open(struct private_file *file, const char *name, const void *bytes, size_t length,
                      struct error *error);

/* What is in it now; the caller frees it. -1 (66): it is gone or cannot be read, or a stop was
 * requested (75). */
int private_file_read(const struct private_file *file, char **bytes, size_t *length,
                      struct error *error);

/* Whether the file outlives this process; the rest of the folder does not. */
void private_file_keep(struct private_file *file, bool keep);

/* Accepts a file of zeros. */
void private_file_close(struct private_file *file);

#endif
