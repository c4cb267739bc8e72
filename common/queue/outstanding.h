/* asked: how many jobs a puller has asked for that were neither delivered nor refused yet, and
 * whether the server still knows of them.
 *
 * The server may drop a request silently, so each is forgotten after one to two periods of 15 s.
 * No I/O; the puller's lock protects it. */
#ifndef NATSQ_ASKED_H
#define NATSQ_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asked {
    size_t recent, older; /* jobs asked for in this period, and in the one before */
    int64_t turned;       /* when this period began */
    int64_t heard;        /* when the server last sent something, or was asked */
};

void asked_reset(struct asked *asked, int64_t now);
void asked_add(struct asked *asked, size_t n, int64_t now);

/* `n` jobs were delivered, or will not be; the oldest requests first. */
void asked_met(struct asked *asked, size_t n);

/* Forgets old requests. */
void asked_turn(struct asked *asked, int64_t now);

size_t asked_count(const struct asked *asked);

/* How many more to ask for, where at most `most` may be under way and `left` are wanted in all. */
size_t asked_room(const struct asked *asked, size_t most, uint64_t left);

/* The server sends heartbeats while it has nothing else to send. It has sent none for so long that
 * it must have forgotten the requests. */
bool asked_is_forgotten(const struct asked *asked, int64_t now);

#endif
