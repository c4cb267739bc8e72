/* stop: SIGINT and SIGTERM, as something that can be asked and waited for.
 *
 * The first signal asks for a clean end; the second ends the process at once with 128+n. The same
 * signal again within 100 ms counts as the first: timeout(1) signals its child, then the group that
 * the child is in. The stop flag and its cause are the only state that the whole process shares. */
#ifndef NATSQ_STOP_H
#define NATSQ_STOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Blocks both signals in this thread and in all that it starts, and starts the thread that takes
 * them: to be called before nats.c starts any. */
int stop_install(struct error *error);

bool stop_requested(void);

/* As the first signal would. */
void stop_request(void);

/* The same because of an error with which the whole program has to end, whatever its parts return.
 * The first such error is kept. Any thread may call it, a callback of nats.c's too. */
void stop_because(const struct error *error);

/* 0, or -1 and the error that stop_because kept. For main, once the other threads have ended. */
int stop_cause(struct error *error);

/* Waits up to `ns` (-1: for ever); true once a stop was requested. */
bool stop_wait(int64_t ns);

/* The same, but also true as soon as `fd` is readable. */
bool stop_wait_or(int fd, int64_t ns);

/* Readable once a stop was requested, and for ever after; for poll(2). */
int stop_descriptor(void);

#endif
