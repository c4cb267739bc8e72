/* stop: SIGINT and SIGTERM as a flag that can be read and waited for.
 *
 * The first signal requests a clean stop; the second ends the process immediately with 128+n. The
 * same signal again within 100 ms is ignored, because timeout(1) signals its child and then the
 * child's process group. The flag and the cause of the stop are global; all functions may be called
 * from any thread. */
#ifndef NATSQ_STOP_H
#define NATSQ_STOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Blocks both signals in this thread and in all threads started from it, and starts a thread that
 * receives them. Call it before nats.c starts threads. -1 (71): the system refuses. */
int stop_install(struct error *error);

bool stop_requested(void);

/* Requests a stop, as the first signal does. A signal handler may call it. */
void stop_request(void);

/* Whether SIGINT is ignored from now on: while an editor has the terminal, Ctrl-C is meant for it.
 */
void stop_ignore_interrupts(bool ignore);

/* Requests a stop because of an error that ends the program. The first such error is kept.
 * Callbacks of nats.c may call it. */
void stop_because(const struct error *error);

/* 0, or -1 and the error that stop_because kept. */
int stop_cause(struct error *error);

/* Waits up to `ns` (-1: forever). True once a stop is requested. */
bool stop_wait(int64_t ns);

/* The same, but also true once `fd` is readable. */
bool stop_wait_or(int fd, int64_t ns);

/* For poll(2): readable once a stop is requested, and from then on. */
int stop_descriptor(void);

#endif
