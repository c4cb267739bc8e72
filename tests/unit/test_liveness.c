#include "letter/liveness.h"

#include "queue/durable.h"

#include "unit.h"

TEST(a_job_is_dead_once_its_consumer_has_delivered_it)
{
    static const struct {
        enum consumer_seen seen;
        uint64_t delivered;
        enum liveness expected;
    } rows[] = {
        {CONSUMER_UNKNOWN, 0, LIVENESS_UNKNOWN},     {CONSUMER_UNKNOWN, 9, LIVENESS_UNKNOWN},
        {CONSUMER_GONE, 0, LIVENESS_NO_CONSUMER},    {CONSUMER_GONE, 9, LIVENESS_NO_CONSUMER},
        {CONSUMER_THERE, 0, LIVENESS_NOT_DELIVERED}, {CONSUMER_THERE, 6, LIVENESS_NOT_DELIVERED},
        {CONSUMER_THERE, 7, LIVENESS_DEAD},          {CONSUMER_THERE, 8, LIVENESS_DEAD},
    };
    FOR_EACH (row, rows) {
        const struct consumer_sight sight = {.seen = row->seen, .delivered_seq = row->delivered};
        assert_int_equal(liveness_of(&sight, 7), row->expected);
    }
}

TEST(a_lookup_shows_whether_the_consumer_exists)
{
    const struct durable_state durable = {.created = 5, .delivered_seq = 6};
    struct consumer_sight sight = consumer_sight_of(0, &durable);
    assert_int_equal(sight.seen, CONSUMER_THERE);
    assert_int_equal(sight.created, 5);
    assert_int_equal(sight.delivered_seq, 6);
    assert_int_equal(consumer_sight_of(-1, &durable).seen, CONSUMER_UNKNOWN);
    assert_int_equal(consumer_sight_of(1, &durable).seen, CONSUMER_GONE);
    assert_int_equal(consumer_sight_of(2, &durable).seen, CONSUMER_GONE); /* the stream is gone */
}
