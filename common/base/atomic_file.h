/* atomic_file: a file that appears complete or not at all: it is written under a temporary name,
 * then renamed. */
#ifndef NATSQ_ATOMIC_FILE_H
#define NATSQ_ATOMIC_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct atomic_file {
    FILE *file;
    const char *name; /* borrowed; NULL: stdout */
    char *temporary;  /* NULL for stdout, a pipe or a device, which are written to directly */
    bool overwrites;  /* an existing file */
};

/* 0 and whether `name` is a regular file, which an atomic_file would replace. -1 (73): it is a
 * symbolic link to a file, which is not followed. */
int atomic_file_check(const char *name, bool *exists, struct error *error);

/* `name` NULL or "-": stdout. The file is readable by its owner only, because it contains the data
 * of jobs. Without `overwrite` an existing file is not replaced, nor is one that appears before the
 * commit. -1: 73, or 74 for stdout. */
int atomic_file_open(struct atomic_file *out, const char *name, bool overwrite,
                     struct error *error);

/* On return the file has its name and is synced to disk. -1: 73, or 74 for stdout. */
int atomic_file_commit(struct atomic_file *out, struct error *error);

/* Removes what was not committed. */
void atomic_file_close(struct atomic_file *out);

/* For a complete file under a temporary name that the caller chose: renames it and syncs the
 * directory. Without `overwrite` it fails (EEXIST) if `name` exists. Returns 0, or -1 and errno. */
int atomic_file_rename(const char *temporary, const char *name, bool overwrite);

#endif
