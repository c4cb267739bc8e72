/* outfile: a file that is there whole or not at all: written under another name, then renamed. */
#ifndef NATSQ_OUTFILE_H
#define NATSQ_OUTFILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct outfile {
    FILE *file;
    const char *name; /* NULL: stdout */
    char *temporary;  /* NULL when there is none: stdout, or a pipe or device */
    bool overwrites;  /* a file of that name */
};

/* What `name` is at present. */
enum outfile_place {
    OUTFILE_FREE,   /* nothing, or a pipe or device to write into; stdout too */
    OUTFILE_EXISTS, /* a file: ask before it is overwritten */
};

/* 0 and `place`, or -1 (73): it is a symbolic link to a file, which is not followed. */
int outfile_look(const char *name, enum outfile_place *place, struct error *error);

/* `name` NULL or "-": stdout. Only its owner can read the file: it holds what jobs held. Without
 * `overwrite` a file of that name is kept, also one that appears later. -1: 73, or 74 for stdout.
 */
int outfile_open(struct outfile *out, const char *name, bool overwrite, struct error *error);

/* All is on the disk under its name. */
int outfile_keep(struct outfile *out, struct error *error);

/* Removes what was not kept. */
void outfile_close(struct outfile *out);

#endif
