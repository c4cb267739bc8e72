/* cleanup: how this project manages ownership.
 *
 * A local that owns something is declared with `_cleanup_(function)`, which releases it at the end
 * of its scope, no matter how the scope is left. `take(pointer)` returns the pointer and sets it to
 * NULL: ownership leaves the scope. */
#ifndef NATSQ_CLEANUP_H
#define NATSQ_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define take(pointer)                                                                              \
    ({                                                                                             \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

/* Defines NAME for `_cleanup_(NAME)` on a local of the pointer TYPE, which CLOSE releases. */
#define CLEANUP_DEFINE(type, name, close)                                                          \
    static inline void name(type *owned)                                                           \
    {                                                                                              \
        if (*owned)                                                                                \
            close(*owned);                                                                         \
    }

static inline void cleanup_free(void *owned)
{
    free(*(void **)owned);
}

static inline void cleanup_secret(char **owned)
{
    if (*owned)
        explicit_bzero(*owned, strlen(*owned));
    free(*owned);
}

static inline void cleanup_fd(int *owned)
{
    if (*owned >= 0)
        close(*owned);
}

CLEANUP_DEFINE(FILE *, cleanup_file, fclose)

#endif
