#include "streams/stream_room.h"

#include "base/size_text.h"
#include "base/timestamp.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

/* 0 when there is none. */
static int64_t time_of(const char *text)
{
    int64_t time;
    return text && timestamp_parse(text, &time) ? time : 0;
}

struct stream_room stream_room_read(const json_t *info)
{
    int64_t created = time_of(json_string_value(json_object_get(info, "created")));
    if (created == 0)
        return (struct stream_room){0};
    int64_t first = time_of(stream_text(info, "state", "first_ts"));
    return (struct stream_room){
        .created = created,
        .messages = (uint64_t)stream_number(info, "state", "messages"),
        .bytes = (uint64_t)stream_number(info, "state", "bytes"),
        .last_seq = (uint64_t)stream_number(info, "state", "last_seq"),
        .oldest = stream_number(info, "state", "messages") > 0 ? first : 0,
        .max_messages = stream_number(info, "config", "max_msgs"),
        .max_bytes = stream_number(info, "config", "max_bytes"),
    };
}

/* " of LIMIT (14 %)"; a little is not 0 %, and full is only what is full. */
static void add_share(uint64_t used, int64_t limit, const char *limit_text, char *text, size_t size)
{
    double share = (double)used / (double)limit * 100;
    if (used == 0)
        snprintf(text, size, " of %s (0 %%)", limit_text);
    else if (share < 1)
        snprintf(text, size, " of %s (<1 %%)", limit_text);
    else
        snprintf(text, size, " of %s (%d %%)", limit_text, (int)share);
}

const char *stream_room_text(const struct stream_room *room, char text[STREAM_ROOM_TEXT_MAX])
{
    char size[SIZE_TEXT_MAX], limit[SIZE_TEXT_MAX];
    char bytes[64] = ", no limit", messages[64] = "";
    if (room->max_bytes > 0)
        add_share(room->bytes, room->max_bytes, size_text((uint64_t)room->max_bytes, limit), bytes,
                  sizeof bytes);
    if (room->max_messages > 0) {
        snprintf(limit, sizeof limit, "%" PRId64, room->max_messages);
        add_share(room->messages, room->max_messages, limit, messages, sizeof messages);
    }
    if (room->created == 0)
        snprintf(text, STREAM_ROOM_TEXT_MAX, "not known");
    else
        snprintf(text, STREAM_ROOM_TEXT_MAX, "%s%s, %" PRIu64 "%s message%s",
                 size_text(room->bytes, size), bytes, room->messages, messages,
                 room->messages == 1 && !*messages ? "" : "s");
    return text;
}
