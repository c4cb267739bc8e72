#include "streams/stream_room.h"

#include "base/cleanup.h"

#include "unit.h"

#include <jansson.h>

#define MIB (INT64_C(1) << 20)

static const struct {
    struct stream_room room;
    const char *text;
} rows[] = {
    {{.created = 0}, "not known"},
    {{.created = 1, .max_bytes = -1, .max_messages = -1}, "0 B, no limit, 0 messages"},
    {{.created = 1, .max_bytes = 256 * MIB, .max_messages = -1},
     "0 B of 256 MiB (0 %), 0 messages"},
    {{.created = 1, .messages = 1, .bytes = 1230, .max_bytes = 256 * MIB},
     "1.2 KiB of 256 MiB (<1 %), 1 message"},
    {{.created = 1, .messages = 20, .bytes = 35 * MIB, .max_bytes = 256 * MIB},
     "35 MiB of 256 MiB (13 %), 20 messages"},
    {{.created = 1, .messages = 20, .bytes = 256 * MIB, .max_bytes = 256 * MIB},
     "256 MiB of 256 MiB (100 %), 20 messages"},
    {{.created = 1, .messages = 20, .bytes = 256 * MIB - 1, .max_bytes = 256 * MIB},
     "256 MiB of 256 MiB (99 %), 20 messages"},
    {{.created = 1, .messages = 1, .bytes = 100, .max_messages = 1000},
     "100 B, no limit, 1 of 1000 (<1 %) messages"},
};

TEST(room_is_shown_in_units_that_fit)
{
    char text[STREAM_ROOM_TEXT_MAX];
    FOR_EACH (row, rows)
        assert_string_equal(stream_room_text(&row->room, text), row->text);
}

static struct stream_room read_room(const char *text)
{
    json_t *info = json_loads(text, 0, NULL);
    assert_non_null(info);
    struct stream_room room = stream_room_read(info);
    json_decref(info);
    return room;
}

TEST(reads_what_the_server_reports)
{
    struct stream_room room = read_room(
        "{\"created\":\"1970-01-01T00:00:00.000000007Z\",\"config\":{\"max_bytes\":1,\"max_msgs\":"
        "2},\"state\":{\"messages\":3,\"bytes\":4,\"last_seq\":5,\"first_ts\":\"1970-01-01T00:00:"
        "00.000000006Z\"}}");
    assert_int_equal(room.created, 7);
    assert_int_equal(room.max_bytes, 1);
    assert_int_equal(room.max_messages, 2);
    assert_int_equal(room.messages, 3);
    assert_int_equal(room.bytes, 4);
    assert_int_equal(room.last_seq, 5);
    assert_int_equal(room.oldest, 6);
}

TEST(an_empty_stream_has_no_oldest_message)
{
    assert_int_equal(read_room("{\"created\":\"1970-01-01T00:00:00.000000007Z\",\"config\":{},"
                               "\"state\":{\"messages\":0,\"first_ts\":\"2026-01-01T00:00:00Z\"}}")
                         .oldest,
                     0);
}

TEST(an_error_or_no_answer_is_no_stream)
{
    assert_int_equal(read_room("{\"error\":{\"code\":404}}").created, 0);
    assert_int_equal(stream_room_read(NULL).created, 0);
}
