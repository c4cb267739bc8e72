#include "streams/queue_look.h"

#include "unit.h"

#define DURABLE(pending_, in_flight, oldest_)                                                      \
    {                                                                                              \
        .state = {.pending = (pending_), .ack_pending = (in_flight)}, .oldest = (oldest_)          \
    }

static const struct row {
    bool knows;
    size_t n;
    struct durable_look durables[2];
    struct queue_jobs expected;
} rows[] = {
    {true, 1, {DURABLE(3, 2, 50)}, {true, 3, 2, 50}},
    {true, 2, {DURABLE(3, 2, 50), DURABLE(1, 0, 40)}, {true, 4, 2, 40}},
    {true, 2, {DURABLE(0, 0, 0), DURABLE(1, 0, 40)}, {true, 1, 0, 40}},
    {true, 2, {DURABLE(1, 0, 40), DURABLE(0, 0, 0)}, {true, 1, 0, 40}},
    {true, 2, {DURABLE(3, 2, -1), DURABLE(1, 0, 40)}, {true, 4, 2, -1}},
    {true, 2, {DURABLE(0, 0, 0), DURABLE(0, 0, 0)}, {true, 0, 0, 0}},
    /* without a durable */
    {true, 0, {DURABLE(0, 0, 0)}, {true, 9, 0, 30}},
    {false, 0, {DURABLE(0, 0, 0)}, {false, 0, 0, -1}},
};

TEST(the_jobs_of_all_durables_are_counted)
{
    FOR_EACH (row, rows) {
        struct durable_look durables[2] = {row->durables[0], row->durables[1]};
        struct queue_look look = {.knows_durables = row->knows,
                                  .durables = durables,
                                  .n_durables = row->n,
                                  .origin = {.messages = 9, .oldest = 30}};
        struct queue_jobs jobs = queue_look_jobs(&look);
        assert_int_equal(jobs.is_known, row->expected.is_known);
        assert_int_equal(jobs.pending, row->expected.pending);
        assert_int_equal(jobs.in_flight, row->expected.in_flight);
        assert_int_equal(jobs.oldest, row->expected.oldest);
    }
}
