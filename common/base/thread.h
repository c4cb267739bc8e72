/* thread: starts a thread, and reports why it cannot. */
#ifndef NATSQ_THREAD_H
#define NATSQ_THREAD_H

#include "base/error.h"

#include <pthread.h>

/* The caller joins or detaches it. -1 (71): the system refuses. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *closure, struct error *error);

#endif
