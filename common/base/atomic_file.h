/* atomic_file: a file that is there whole or not at all: written under another name, then renamed.
 */
#ifndef NATSQ_ATOMIC_FILE_H
#define NATSQ_ATOMIC_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct atomic_file {
    FILE *file;
    const char *name; /* NULL: stdout */
    char *temporary;  /* NULL when there is none: stdout, or a pipe or device */
    bool overwrites;  /* a file of that name */
};

/* What `name` is at present. */
enum atomic_file_place {
    ATOMIC_FILE_FREE,   /* nothing, or a pipe or device to write into; stdout too */
    ATOMIC_FILE_EXISTS, /* a file: ask before it is overwritten */
};

/* 0 and `place`, or -1 (73): it is a symbolic link to a file, which is not followed. */
int atomic_file_look(const char *name, enum atomic_file_place *place, struct error *error);

/* `name` NULL or "-": stdout. Only its owner can read the file: it holds what jobs held. Without
 * `overwrite` a file of that name is kept, also one that appears later. -1: 73, or 74 for stdout.
 */
int atomic_file_open(struct atomic_file *out, const char *name, bool overwrite,
                     struct error *error);

/* All is on the disk under its name. */
int atomic_file_keep(struct atomic_file *out, struct error *error);

/* Removes what was not kept. */
void atomic_file_close(struct atomic_file *out);

#endif
