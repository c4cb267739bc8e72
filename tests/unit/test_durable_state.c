#include "queue/durable_state.h"

#include "base/buffer.h"
#include "base/duration.h"

#include "unit.h"

#include <jansson.h>

#define S DURATION_S

static struct durable_state state_of(const char *text)
{
    struct durable_state state;
    json_t *info = json_loads(text, 0, NULL);
    assert_non_null(info);
    durable_state_read(&state, info);
    json_decref(info);
    return state;
}

TEST(reads_what_the_server_reports)
{
    struct durable_state read =
        state_of("{\"created\":\"2026-01-01T00:00:00.000000007Z\",\"num_pending\":1,"
                 "\"num_ack_pending\":2,\"num_redelivered\":3,\"num_waiting\":4,"
                 "\"delivered\":{\"consumer_seq\":9,\"stream_seq\":5},"
                 "\"ack_floor\":{\"consumer_seq\":9,\"stream_seq\":6},\"config\":{"
                 "\"max_deliver\":-1,\"ack_wait\":7,\"max_ack_pending\":8,\"backoff\":[10,11],"
                 "\"max_batch\":12,\"max_expires\":13,\"metadata\":{\"natsq.attempts\":\"14\"},"
                 "\"pause_until\":\"1970-01-01T00:00:01Z\"}}");
    assert_int_equal(read.created % S, 7);
    assert_int_equal(read.pending, 1);
    assert_int_equal(read.ack_pending, 2);
    assert_int_equal(read.redelivered, 3);
    assert_int_equal(read.waiting, 4);
    assert_int_equal(read.deliveries, 9);
    assert_int_equal(read.delivered_seq, 5);
    assert_int_equal(read.ack_floor_seq, 6);
    assert_int_equal(read.max_deliver, -1);
    assert_int_equal(read.ack_wait, 7);
    assert_int_equal(read.max_ack_pending, 8);
    assert_int_equal(read.backoff.n, 2);
    assert_int_equal(read.backoff.ns[1], 11);
    assert_int_equal(read.limits.batch, 12);
    assert_int_equal(read.limits.expires, 13);
    assert_int_equal(read.attempts, 14);
    assert_int_equal(read.paused_until, S);
}

TEST(what_is_missing_or_unreadable_is_0)
{
    struct durable_state read = state_of("{\"created\":\"?\",\"config\":{\"ack_wait\":\"x\"}}");
    assert_int_equal(read.created, 0);
    assert_int_equal(read.ack_wait, 0);
    assert_int_equal(read.backoff.n, 0);
    assert_int_equal(read.paused_until, 0);
}

TEST(each_delivery_has_its_step_of_the_backoff)
{
    const struct durable_state plain = {.ack_wait = 30 * S},
                               steps = {.ack_wait = S, .backoff = {{S, 10 * S, 60 * S}, 3}};
    static const int64_t expected[] = {S, S, 10 * S, 60 * S, 60 * S, 60 * S};
    for (uint64_t delivery = 0; delivery < LENGTH(expected); delivery++) {
        assert_int_equal(durable_backoff(&plain, delivery), 30 * S);
        assert_int_equal(durable_backoff(&steps, delivery), expected[delivery]);
    }
    assert_int_equal(durable_backoff(&steps, UINT64_MAX), 60 * S);
}

TEST(attempts_and_backoff_in_words)
{
    static const struct {
        struct durable_state state;
        const char *expected;
    } cases[] = {
        {{.max_deliver = 5, .backoff = {{S, 60 * S}, 2}},
         "5 attempts (counted by the server), backoff 1s,1m"},
        {{.max_deliver = -1, .attempts = 1, .backoff = {{S}, 1}},
         "1 attempt (counted by the workers), backoff 1s"},
        {{.max_deliver = -1, .ack_wait = 30 * S}, "attempts without limit, ack wait 30s"},
    };
    FOR_EACH (each, cases) {
        struct buffer text = {0};
        durable_state_describe(&each->state, &text);
        assert_int_equal(text.length, strlen(each->expected));
        assert_memory_equal(text.bytes, each->expected, text.length);
        buffer_release(&text);
    }
}

TEST(a_durable_is_quiet_since_its_last_delivery_or_acknowledgement)
{
    static const struct {
        struct durable_state state;
        int64_t quiet;
    } rows[] = {
        {{.time = 100, .delivered_at = 40, .acked_at = 60}, 40},
        {{.time = 100, .delivered_at = 70, .acked_at = 60}, 30},
        {{.time = 100, .delivered_at = 70}, 30},
        {{.time = 100, .delivered_at = 101}, 0},
        {{.time = 100}, -1},
        {{.delivered_at = 70}, -1},
    };
    FOR_EACH (row, rows)
        assert_int_equal(durable_quiet_for(&row->state), row->quiet);
}

TEST(leases_are_over_when_nobody_renewed_them)
{
    static const struct {
        struct durable_state state;
        bool are_over;
    } rows[] = {
        {{.time = 100 * S, .delivered_at = 90 * S, .ack_wait = 30 * S}, false},
        {{.time = 100 * S, .delivered_at = 69 * S, .ack_wait = 30 * S}, false},
        {{.time = 100 * S, .delivered_at = 67 * S, .ack_wait = 30 * S}, true},
        {{.time = 100 * S, .delivered_at = 67 * S, .backoff = {{S, 60 * S}, 2}}, false},
        {{.time = 100 * S, .delivered_at = 37 * S, .backoff = {{S, 60 * S}, 2}}, true},
        {{.time = 100 * S, .ack_wait = 30 * S}, false},
    };
    FOR_EACH (row, rows)
        assert_int_equal(durable_leases_are_over(&row->state), row->are_over);
}
