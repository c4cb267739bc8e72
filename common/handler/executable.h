/* executable: the program that a COMMAND names, found and checked before any job is taken. */
#ifndef NATSQ_EXECUTABLE_H
#define NATSQ_EXECUTABLE_H

#include "base/error.h"

#include <limits.h>
#include <stddef.h>

/* Returns the path of COMMAND `name`: the name itself if it has a slash, else what execvp(3) would
 * find, in `found`. NULL (78): there is no such program, or the system would refuse to start it: it
 * is not executable, has no interpreter line or CRLF line ends, or its interpreter is missing. */
const char *executable_find(const char *name, char found[PATH_MAX], struct error *error);

struct arguments;

/* If a word from index `first` on names a program, its `--` may be missing: adds to the error how
 * to call `program` ("dlq"): with `usage`, `--` and that word. Returns -1. */
int executable_hint(const struct arguments *arguments, size_t first, const char *program,
                    const char *usage, struct error *error);

/* Replaces the text of a failed start if the file explains it better than errno. */
void executable_explain(const char *path, struct error *error);

#endif
