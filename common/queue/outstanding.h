/* outstanding: how many jobs a puller has asked for that were neither delivered nor refused yet,
 * and whether the server still knows of them.
 *
 * The server may drop a request silently, so each is forgotten after one to two periods of 15 s.
 * No I/O; the puller's lock protects it. */
#ifndef NATSQ_OUTSTANDING_H
#define NATSQ_OUTSTANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outstanding {
    size_t recent, older; /* jobs asked for in this period, and in the one before */
    int64_t turned;       /* when this period began */
    int64_t heard;        /* when the server last sent something, or was asked */
};

void outstanding_reset(struct outstanding *outstanding, int64_t now);
void outstanding_add(struct outstanding *outstanding, size_t n, int64_t now);

/* `n` jobs were delivered, or will not be; the oldest requests first. */
void outstanding_met(struct outstanding *outstanding, size_t n);

/* Forgets old requests. */
void outstanding_turn(struct outstanding *outstanding, int64_t now);

size_t outstanding_count(const struct outstanding *outstanding);

/* How many more to ask for, where at most `most` may be under way and `left` are wanted in all. */
size_t outstanding_room(const struct outstanding *outstanding, size_t most, uint64_t left);

/* The server sends heartbeats while it has nothing else to send. It has sent none for so long that
 * it must have forgotten the requests. */
bool outstanding_is_forgotten(const struct outstanding *outstanding, int64_t now);

#endif
