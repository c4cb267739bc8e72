/* outfile: a file that is there whole or not at all: written under another name, then renamed. */
#ifndef NATSQ_OUTFILE_H
#define NATSQ_OUTFILE_H

#include "error.h"

#include <stdio.h>

struct outfile {
    FILE *file;
    const char *name; /* NULL: stdout */
    char *temporary;  /* NULL when there is none: stdout, or what is no regular file */
};

/* `name` NULL or "-": stdout. Only its owner can read the file: it holds what jobs held. -1 (73) */
int outfile_open(struct outfile *out, const char *name, struct error *error);

/* All is on the disk under its name. */
int outfile_keep(struct outfile *out, struct error *error);

/* Removes what was not kept. */
void outfile_close(struct outfile *out);

#endif
