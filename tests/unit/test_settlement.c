#include "settlement.h"

#include "base/duration.h"
#include "handler/attempt.h"

#include "unit.h"

enum place { EARLY, LAST, BEYOND, ENDLESS, PLACES };

/* Number and limit of an attempt for each place in a job's life. */
static const struct attempt attempts[PLACES] = {
    [EARLY] = {.number = 2, .max = 3},
    [LAST] = {.number = 3, .max = 3},
    [BEYOND] = {.number = 4, .max = 3},
    [ENDLESS] = {.number = 1000000, .max = 0},
};

/* While the lease lasts. */
static const enum settlement_action expected[VERDICT_KINDS][PLACES] = {
    [VERDICT_DONE] = {SETTLEMENT_DONE, SETTLEMENT_DONE, SETTLEMENT_DONE, SETTLEMENT_DONE},
    [VERDICT_RETRY] = {SETTLEMENT_RETRY, SETTLEMENT_DEAD_LETTER, SETTLEMENT_DEAD_LETTER,
                       SETTLEMENT_RETRY},
    [VERDICT_HOPELESS] = {SETTLEMENT_DEAD_LETTER, SETTLEMENT_DEAD_LETTER, SETTLEMENT_DEAD_LETTER,
                          SETTLEMENT_DEAD_LETTER},
    [VERDICT_STOPPED] = {SETTLEMENT_RETRY, SETTLEMENT_LEAVE, SETTLEMENT_LEAVE, SETTLEMENT_RETRY},
    [VERDICT_UNSTARTED] = {SETTLEMENT_RETRY, SETTLEMENT_DEAD_LETTER, SETTLEMENT_DEAD_LETTER,
                           SETTLEMENT_RETRY},
};

static const struct durable_state durables[] = {
    {.ack_wait = 30 * DURATION_S},
    {.ack_wait = 5 * DURATION_S, .backoff = {{5 * DURATION_S}, 1}},
    {.ack_wait = DURATION_S, .backoff = {{DURATION_S, DURATION_MINUTE, DURATION_HOUR}, 3}},
};

static struct settlement settle(int kind, int place, bool lease_expired, size_t durable)
{
    const struct verdict verdict = {.kind = (enum verdict_kind)kind};
    return settlement_of(&verdict, attempt_is_last(&attempts[place]), lease_expired,
                         &durables[durable]);
}

TEST(every_verdict_and_attempt_is_settled_by_the_table)
{
    for (int kind = 0; kind < VERDICT_KINDS; kind++)
        for (int place = 0; place < PLACES; place++) {
            struct settlement settlement = settle(kind, place, false, 0);
            if (settlement.action != expected[kind][place])
                fail_msg("%s at place %d: %d, not %d", verdict_kind_text((enum verdict_kind)kind),
                         place, settlement.action, expected[kind][place]);
        }
}

/* After the lease a done job is acknowledged; anything else would hit its new worker. */
TEST(after_the_lease_only_done_is_acknowledged)
{
    for (int kind = 0; kind < VERDICT_KINDS; kind++)
        for (int place = 0; place < PLACES; place++)
            assert_int_equal(settle(kind, place, true, 0).action,
                             kind == VERDICT_DONE ? SETTLEMENT_DONE : SETTLEMENT_LEAVE);
}

/* A nak always carries a delay: the first backoff, to which the server adds the rest. */
TEST(a_nak_always_has_a_delay)
{
    static const int64_t delays[] = {30 * DURATION_S, 5 * DURATION_S, DURATION_S};
    for (size_t durable = 0; durable < LENGTH(durables); durable++)
        for (int kind = 0; kind < VERDICT_KINDS; kind++)
            for (int place = 0; place < PLACES; place++) {
                struct settlement settlement = settle(kind, place, false, durable);
                assert_int_equal(settlement.delay,
                                 settlement.action == SETTLEMENT_RETRY ? delays[durable] : 0);
            }
}

/* Only deliveries beyond the attempts that the workers count are dead-lettered without a run. */
TEST(only_deliveries_beyond_the_attempts_are_exhausted)
{
    static const struct {
        int64_t number, attempts, max_deliver;
        bool expected;
    } rows[] = {
        {1, 1, -1, false}, {2, 1, -1, true},          {3, 3, -1, false},
        {4, 3, -1, true},  {9, 3, -1, true},          {INT64_MAX, INT64_MAX, -1, false},
        {1, 0, 2, false},  {2, 0, 2, false},          {3, 0, 2, false}, /* the server counts */
        {9, 0, -1, false}, {INT64_MAX, 0, -1, false},
    };
    FOR_EACH (row, rows) {
        const struct durable_state durable = {.attempts = row->attempts,
                                              .max_deliver = row->max_deliver};
        assert_int_equal(settlement_is_exhausted(row->number, &durable), row->expected);
    }
}
