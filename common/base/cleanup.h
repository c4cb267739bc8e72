/* cleanup: the one ownership style of this project.
 *
 * A local that owns something is declared with the `_cleanup_(function)` attribute of its noun and
 * is released at the end of its scope, however the scope is left. `take(pointer)` hands ownership
 * out of the scope and leaves NULL behind. */
#ifndef NATSQ_CLEANUP_H
#define NATSQ_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define take(pointer)                                                                              \
    ({                                                                                             \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

/* Defines NAME(TYPE *) for `_cleanup_(NAME)` on a local of TYPE, a pointer that CLOSE releases. */
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

static inline void cleanup_fd(int *owned)
{
    if (*owned >= 0)
        close(*owned);
}

CLEANUP_DEFINE(FILE *, cleanup_file, fclose)

#endif
