/* executable: the file that a COMMAND names, looked at before any job is taken. */
#ifndef NATSQ_EXECUTABLE_H
#define NATSQ_EXECUTABLE_H

#include "base/error.h"

#include <limits.h>

/* The path of COMMAND `name`: itself with a slash in it, else as execvp(3) would find it, in
 * `found`. NULL (78) when there is none, or when the system would refuse to start it: not
 * executable, no interpreter line, CRLF line ends, an interpreter that is not there. */
const char *executable_find(const char *name, char found[PATH_MAX], struct error *error);

/* The same check for the program at `path`: 0, or -1 (78). */
int executable_check(const char *path, struct error *error);

struct arguments;

/* Where a COMMAND may have been given without its `--`: when a word from the `first` on is the name
 * of a program, adds to the error how to call it: `usage`, `--` and that word. Returns -1. */
int executable_hint(const struct arguments *arguments, size_t first, const char *usage,
                    struct error *error);

/* Replaces the words for a failed start where the file explains it better than errno. */
void executable_explain(const char *path, struct error *error);

#endif
