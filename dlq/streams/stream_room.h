/* stream_room: what a stream holds and may hold, from STREAM.INFO. Pure. */
#ifndef NATSQ_STREAM_ROOM_H
#define NATSQ_STREAM_ROOM_H

#include <stddef.h>
#include <stdint.h>

struct json_t;

struct stream_room {
    int64_t created; /* ns since 1970; 0: the stream could not be looked up */
    uint64_t messages, bytes, last_seq;
    int64_t oldest;                  /* when the first message was stored; 0: there is none */
    int64_t max_messages, max_bytes; /* at most 0: no limit */
};

enum { STREAM_ROOM_TEXT_MAX = 160 };

/* `info` is the answer to STREAM.INFO, which may hold an `error`, or NULL. */
struct stream_room stream_room_read(const struct json_t *info);

/* "35 MiB of 256 MiB (13 %), 1204 messages"; "12 of 1000 (1 %) messages" where they are limited,
 * and "35 MiB, no limit" where the bytes are not. */
const char *stream_room_text(const struct stream_room *room, char text[STREAM_ROOM_TEXT_MAX]);

#endif
