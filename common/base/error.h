/* error: what went wrong, in words for the user, and the exit code that goes with it.
 *
 * A function that can fail takes a `struct error *` as its last argument and returns a negative
 * number after filling it in; 0 is success, a positive number a condition that the function
 * documents. Nothing prints an error on the way up: main prints the last one, once.
 * Exit codes are those of <sysexits.h>. */
#ifndef NATSQ_ERROR_H
#define NATSQ_ERROR_H

#include <stddef.h>
#include <sysexits.h>

enum { ERROR_TEXT_MAX = 1024 };

struct error {
    int exit_code; /* 0 while there is no error */
    char text[ERROR_TEXT_MAX];
};

/* Fills in the error (a longer text is cut) and returns -1. */
int error_set(struct error *error, int exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds to the words of an error, and returns -1. */
int error_add(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
