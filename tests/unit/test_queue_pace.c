#include "watch/queue_pace.h"

#include "base/duration.h"

#include "unit.h"

/* The counters of a look. `run_created`: when the durables of `dlq run` were; 0: they do not exist.
 * `collected` and `decided`: what they have delivered or will. */
struct counters {
    uint64_t last_seq, messages, dlq_last_seq;
    uint64_t advisories, dead, held; /* stored */
    int64_t run_created;
    uint64_t collected, decided;
};

static struct queue_look look_with(const struct counters *counters, int64_t at, bool has_letters)
{
    struct durable_state run = {.created = counters->run_created};
    struct queue_look look = {
        .at = at,
        .origin = {.created = 1, .last_seq = counters->last_seq, .messages = counters->messages},
        .letters = {.created = 1, .last_seq = counters->dlq_last_seq},
        .has_letters = has_letters,
        .collects = run,
        .decides = run,
        .stored = {[DLQ_ADVISORIES] = {.n = counters->advisories},
                   [DLQ_DEAD] = {.n = counters->dead},
                   [DLQ_HELD] = {.n = counters->held}},
    };
    look.collects.deliveries = counters->collected;
    look.decides.pending = counters->decided;
    return look;
}

static const struct row {
    const char *what;
    struct counters before, now; /* two seconds apart */
    bool only_advisories;
    int published, done, dead; /* in these two seconds */
} rows[] = {
    {"nothing moves",
     {.last_seq = 9, .messages = 3},
     {.last_seq = 9, .messages = 3},
     false,
     0,
     0,
     0},
    {"jobs come", {.last_seq = 9, .messages = 3}, {.last_seq = 13, .messages = 7}, false, 4, 0, 0},
    {"jobs are done",
     {.last_seq = 9, .messages = 8},
     {.last_seq = 9, .messages = 2},
     false,
     0,
     6,
     0},
    {"both at once",
     {.last_seq = 9, .messages = 3},
     {.last_seq = 19, .messages = 3},
     false,
     10,
     10,
     0},
    {"a worker writes letters, no run",
     {.last_seq = 9, .messages = 9},
     {.last_seq = 9, .messages = 3, .dlq_last_seq = 2, .dead = 2},
     false,
     0,
     4,
     2},
    {"deaths are announced, no run",
     {.last_seq = 9, .messages = 9},
     {.last_seq = 9, .messages = 7, .dlq_last_seq = 3, .advisories = 3},
     false,
     0,
     2,
     3},
    {"run puts back at once what a worker wrote",
     {.last_seq = 9, .messages = 9, .run_created = 5, .decided = 4},
     {.last_seq = 12, .messages = 8, .dlq_last_seq = 3, .run_created = 5, .decided = 7},
     false,
     3,
     1,
     3},
    {"run collects what was announced long ago",
     {.last_seq = 9, .messages = 9, .dlq_last_seq = 5, .advisories = 5, .run_created = 5},
     {.last_seq = 9,
      .messages = 4,
      .dlq_last_seq = 10,
      .dead = 5,
      .run_created = 5,
      .collected = 5,
      .decided = 5},
     false,
     0,
     0,
     0},
    {"run holds each after two failures of its handler",
     {.last_seq = 9, .messages = 9, .run_created = 5},
     {.last_seq = 9, .messages = 7, .dlq_last_seq = 4, .held = 2, .run_created = 5, .decided = 4},
     false,
     0,
     0,
     2},
    {"run starts: its durable is new",
     {.last_seq = 9, .messages = 9, .dlq_last_seq = 4, .dead = 4},
     {.last_seq = 9, .messages = 9, .dlq_last_seq = 4, .dead = 4, .run_created = 5, .decided = 4},
     false,
     0,
     0,
     0},
    {"run starts, and holds what dies at once",
     {.last_seq = 9, .messages = 9, .dlq_last_seq = 4, .dead = 4},
     {.last_seq = 9, .messages = 6, .dlq_last_seq = 14, .held = 7, .run_created = 5, .decided = 7},
     false,
     0,
     0,
     3},
    {"run was not looked up before, and counted much",
     {.dlq_last_seq = 1000},
     {.dlq_last_seq = 1000, .run_created = 5, .decided = 500},
     false,
     0,
     0,
     0},
    {"letters are discarded", {.held = 7, .dlq_last_seq = 9}, {.dlq_last_seq = 9}, false, 0, 0, 0},
    {"held letters are retried",
     {.last_seq = 9, .messages = 0, .held = 7},
     {.last_seq = 16, .messages = 7},
     false,
     7,
     0,
     0},
    {"without letters: announced, no run",
     {.last_seq = 9, .messages = 9},
     {.last_seq = 9, .messages = 9, .dlq_last_seq = 3, .advisories = 3},
     true,
     0,
     0,
     3},
    {"without letters: run puts back from the advisory",
     {.last_seq = 9, .messages = 9, .run_created = 5},
     {.last_seq = 11, .messages = 7, .dlq_last_seq = 2, .run_created = 5, .collected = 2},
     true,
     2,
     2,
     2},
};

TEST(the_pace_follows_from_what_moved)
{
    FOR_EACH (row, rows) {
        struct queue_look before = look_with(&row->before, DURATION_S, !row->only_advisories);
        struct queue_look now = look_with(&row->now, 3 * DURATION_S, !row->only_advisories);
        struct queue_pace pace = queue_pace_between(&before, &now);
        assert_true(pace.is_known);
        if ((int)(pace.published * 2 + 0.5) != row->published ||
            (int)(pace.done * 2 + 0.5) != row->done || (int)(pace.dead * 2 + 0.5) != row->dead)
            fail_msg("%s: %.1f published, %.1f done, %.1f dead", row->what, pace.published * 2,
                     pace.done * 2, pace.dead * 2);
    }
}

TEST(a_recreated_stream_and_two_looks_at_once_tell_nothing)
{
    struct queue_look before = look_with(&rows[0].before, DURATION_S, true);
    struct queue_look now = look_with(&rows[0].now, DURATION_S, true);
    assert_false(queue_pace_between(&before, &now).is_known);
    now.at++;
    assert_true(queue_pace_between(&before, &now).is_known);
    now.origin.created = 2;
    assert_false(queue_pace_between(&before, &now).is_known);
    now.origin.created = 1;
    now.letters.created = 2;
    assert_false(queue_pace_between(&before, &now).is_known);
}
