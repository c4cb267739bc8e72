/* error: a message for the user and the exit code that belongs to it.
 *
 * A function that can fail takes a `struct error *` as its last argument. It returns 0 on success,
 * a negative number after filling in the error, or a positive number for a condition that its
 * header documents. Errors are passed up; only main logs one, once. Exit codes are those of
 * <sysexits.h>. A header names the codes of its own failures; besides these, memory and threads may
 * be lacking (71), and whatever sends requests may get no answer (69) or no permission (77). */
#ifndef NATSQ_ERROR_H
#define NATSQ_ERROR_H

#include <sysexits.h>

enum { ERROR_TEXT_MAX = 1024 };

struct error {
    int exit_code; /* 0: no error */
    char text[ERROR_TEXT_MAX];
};

/* Fills in the error, whose text may be cut, and returns -1. */
int error_set(struct error *error, int exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends to the text and returns -1. */
int error_add(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
