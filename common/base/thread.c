#include "base/thread.h"

#include <string.h>

int thread_start(pthread_t *thread, void *(*run)(void *), void *closure, struct error *error)
{
    int failure = pthread_create(thread, NULL, run, closure);
    if (failure)
        return error_set(error, EX_OSERR, "cannot start a thread: %s", strerror(failure));
    return 0;
}
