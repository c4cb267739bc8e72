/* outstanding: counts the jobs that were requested and that the server has neither delivered nor
 * refused, and whether it has lost the requests.
 *
 * The server may drop a request without notice, so each is forgotten after one to two periods of 15
 * s. Times are clock.h's. No I/O; protected by the puller's lock. */
#ifndef NATSQ_OUTSTANDING_H
#define NATSQ_OUTSTANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outstanding {
    size_t recent, older; /* jobs requested in this period, and in the one before */
    int64_t period_start;
    int64_t last_sign; /* when the server sent something, or a request was sent to it */
};

/* None. */
void outstanding_reset(struct outstanding *outstanding, int64_t now);

/* `n` jobs were requested. */
void outstanding_add(struct outstanding *outstanding, size_t n, int64_t now);

/* `n` jobs were delivered, or will not be; those that were requested first. */
void outstanding_remove(struct outstanding *outstanding, size_t n);

/* Forgets requests that the server must have ended. */
void outstanding_expire(struct outstanding *outstanding, int64_t now);

size_t outstanding_count(const struct outstanding *outstanding);

/* How many more jobs may be requested, when at most `most` may be outstanding and `left` are wanted
 * in all. */
size_t outstanding_room(const struct outstanding *outstanding, size_t most, uint64_t left);

/* Whether the server has sent nothing, not even heartbeats, for so long that it must have lost the
 * requests. */
bool outstanding_is_silent(const struct outstanding *outstanding, int64_t now);

#endif
