#include "doctor/flow.h"

#include "base/duration.h"

#include "unit.h"

enum { NOW = 1000 }; /* seconds, of the second look; the first is 2 s before */

struct look {
    uint64_t pending, in_flight, waiting, deliveries, removed;
};

static const struct {
    const char *name;
    struct look first, second;
    int64_t last;   /* seconds: the last delivery or renewal; 0: none */
    int64_t stored; /* seconds: the oldest job; 0: not known */
    bool redelivered, paused, of_dlq;
    enum flow flow;
    double rate;
    int64_t left; /* seconds */
} cases[] = {
    {"empty", {0}, {0}, 0, .flow = FLOW_FREE, .left = -1},
    {"a free worker", {1, 0, 1, 0, 0}, {1, 0, 1, 0, 0}, 0, .flow = FLOW_FREE, .left = -1},
    {"no worker ever", {5, 0, 0, 0, 0}, {5, 0, 0, 0, 0}, 0, .flow = FLOW_NO_WORKER, .left = -1},
    {"gone for a minute",
     {5, 0, 0, 7, 7},
     {5, 0, 0, 7, 7},
     940,
     .flow = FLOW_NO_WORKER,
     .left = -1},
    {"--rate 0.2", {5, 0, 0, 7, 7}, {5, 0, 0, 7, 7}, 996, .flow = FLOW_SLOW, .left = -1},
    {"--rate 5",
     {100, 0, 0, 7, 7},
     {90, 0, 0, 17, 17},
     1000,
     .flow = FLOW_MOVES,
     .rate = 5,
     .left = 18},
    {"one in flight",
     {99, 1, 0, 7, 6},
     {89, 1, 0, 17, 16},
     1000,
     .flow = FLOW_MOVES,
     .rate = 5,
     .left = 18},
    {"fails",
     {9, 1, 0, 7, 0},
     {9, 1, 0, 8, 0},
     1000,
     .redelivered = true,
     .flow = FLOW_MOVES,
     .left = -1},
    {"all hang", {9, 4, 0, 4, 0}, {9, 4, 0, 4, 0}, 990, .flow = FLOW_BUSY, .left = -1},
    {"killed", {9, 4, 0, 4, 0}, {9, 4, 0, 4, 0}, 900, .flow = FLOW_GONE, .left = -1},
    {"killed at the last job",
     {0, 1, 0, 1, 0},
     {0, 1, 0, 1, 0},
     900,
     .flow = FLOW_GONE,
     .left = -1},
    {"one long job", {0, 1, 0, 1, 0}, {0, 1, 0, 1, 0}, 990, 900, .flow = FLOW_FREE, .left = -1},
    {"hangs for long", {0, 1, 0, 1, 0}, {0, 1, 0, 1, 0}, 990, 100, .flow = FLOW_BUSY, .left = -1},
    {"died twice",
     {0, 1, 0, 2, 0},
     {0, 1, 0, 2, 0},
     990,
     .redelivered = true,
     .flow = FLOW_BUSY,
     .left = -1},
    {"a letter in flight",
     {0, 1, 0, 1, 0},
     {0, 1, 0, 1, 0},
     990,
     .of_dlq = true,
     .flow = FLOW_BUSY,
     .left = -1},
    {"paused",
     {5, 0, 0, 7, 7},
     {5, 0, 0, 7, 7},
     900,
     .paused = true,
     .flow = FLOW_FREE,
     .left = -1},
};

static struct flow_look look_of(const struct look *look, int64_t at, int64_t last, int64_t stored,
                                bool redelivered, bool paused)
{
    return (struct flow_look){
        .state = {.pending = look->pending,
                  .ack_pending = look->in_flight,
                  .waiting = look->waiting,
                  .deliveries = look->deliveries,
                  .redelivered = redelivered,
                  .paused_until = paused ? 2 * NOW * DURATION_S : 0,
                  .backoff = {{5 * DURATION_S, 60 * DURATION_S}, 2},
                  .delivered_at = last * DURATION_S,
                  .time = at * DURATION_S},
        .removed = look->removed,
        .oldest = stored * DURATION_S,
    };
}

TEST(what_moves_between_two_looks_is_judged)
{
    FOR_EACH (each, cases) {
        struct flow_look first = look_of(&each->first, NOW - 2, each->last, each->stored,
                                         each->redelivered, each->paused);
        struct flow_look second =
            look_of(&each->second, NOW, each->last, each->stored, each->redelivered, each->paused);
        struct flow_report report = flow_judge(&first, &second, each->of_dlq);
        if (report.flow != each->flow)
            fail_msg("%s: %d instead of %d", each->name, report.flow, each->flow);
        assert_true(report.rate > each->rate - 0.001 && report.rate < each->rate + 0.001);
        assert_int_equal(report.left, each->left < 0 ? -1 : each->left * DURATION_S);
    }
}

TEST(only_what_is_suspicious_needs_a_second_look)
{
    FOR_EACH (each, cases) {
        struct flow_look first = look_of(&each->first, NOW - 2, each->last, each->stored,
                                         each->redelivered, each->paused);
        bool is_quiet = each->flow == FLOW_FREE;
        assert_int_equal(flow_is_suspicious(&first, each->of_dlq), !is_quiet);
    }
}

TEST(a_growing_queue_is_reported)
{
    struct look before = {10, 0, 0, 5, 5}, after = {30, 0, 0, 9, 9};
    struct flow_look first = look_of(&before, NOW - 2, NOW, 0, false, false);
    struct flow_look second = look_of(&after, NOW, NOW, 0, false, false);
    assert_true(flow_judge(&first, &second, false).grows);
    assert_false(flow_judge(&second, &second, false).grows);
}

TEST(without_progress_since_the_oldest_job_or_the_last_that_was_done)
{
    struct look busy = {9, 4, 0, 4, 0};
    struct flow_look look = look_of(&busy, NOW, NOW - 1, 400, false, false);
    assert_int_equal(flow_judge(&look, &look, false).stuck, 600 * DURATION_S);
    look.state.acked_at = 700 * DURATION_S;
    assert_int_equal(flow_judge(&look, &look, false).stuck, 300 * DURATION_S);
    look.state.acked_at = look.oldest = 0;
    assert_int_equal(flow_judge(&look, &look, false).stuck, -1);
}
