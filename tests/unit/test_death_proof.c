#include "sweep/death_proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { FLOOR = 10, DELIVERED = 20, T = 1000, CREATED = 500 };

static struct durable_state consumer(int64_t max_deliver, uint64_t floor, uint64_t delivered,
                                     uint64_t ack_pending)
{
    return (struct durable_state){.max_deliver = max_deliver,
                                  .ack_floor_seq = floor,
                                  .delivered_seq = delivered,
                                  .ack_pending = ack_pending,
                                  .created = CREATED};
}

static void test_at_once(void **state)
{
    (void)state;
    static const struct row {
        const char *what;
        int64_t max_deliver;
        uint64_t ack_pending, seq;
        enum suspicion expected;
    } rows[] = {
        {"below the floor", 2, 5, 9, SUSPECT_DEAD},
        {"at the floor", 2, 5, FLOOR, SUSPECT_DEAD},
        {"above the floor, others pend", 2, 1, FLOOR + 1, SUSPECT_UNPROVEN},
        {"the last delivered, others pend", 2, 1, DELIVERED, SUSPECT_UNPROVEN},
        {"above the floor, nothing pends", 2, 0, FLOOR + 1, SUSPECT_DEAD},
        {"the last delivered, nothing pends", 2, 0, DELIVERED, SUSPECT_DEAD},
        {"waits, nothing pends", 2, 0, DELIVERED + 1, SUSPECT_ALIVE},
        {"waits, others pend", 2, 3, DELIVERED + 1, SUSPECT_ALIVE},
        {"one attempt only", 1, 0, DELIVERED, SUSPECT_DEAD},
        {"no limit, below the floor: skipped", -1, 0, FLOOR, SUSPECT_UNPROVEN},
        {"no limit, above the floor", -1, 0, FLOOR + 1, SUSPECT_ALIVE},
        {"no limit, others pend", -1, 4, FLOOR + 1, SUSPECT_ALIVE},
        {"the server's 0 is no limit", 0, 0, FLOOR + 1, SUSPECT_ALIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct durable_state there =
            consumer(rows[i].max_deliver, FLOOR, DELIVERED, rows[i].ack_pending);
        enum suspicion got = suspect_at_once(&there, rows[i].seq);
        if (got != rows[i].expected)
            fail_msg("%s: %d, not %d", rows[i].what, got, rows[i].expected);
    }
}

static void test_nothing_is_dead_before_a_delivery(void **state)
{
    (void)state;
    const struct durable_state fresh = consumer(2, 0, 0, 0);
    for (uint64_t seq = 1; seq < 5; seq++)
        assert_int_equal(suspect_at_once(&fresh, seq), SUSPECT_ALIVE);
}

/* A dead job at both looks, of which a row changes one thing. */
struct looks {
    struct durable_state then_consumer, now_consumer;
    struct sight then, now;
};

static void prepare(struct looks *looks, uint64_t seq)
{
    looks->then_consumer = looks->now_consumer = consumer(2, FLOOR, DELIVERED, 0);
    looks->then = (struct sight){true, true, &looks->then_consumer, STORED_THERE, seq, T};
    looks->now = looks->then;
    looks->now.consumer = &looks->now_consumer;
}

static void nothing(struct looks *looks)
{
    (void)looks;
}

static void goes_on(struct looks *looks)
{
    looks->now_consumer.ack_floor_seq += 5;
    looks->now_consumer.delivered_seq += 50;
}

static void job_is_gone(struct looks *looks)
{
    looks->now.job = STORED_GONE;
    looks->now.stored_at = 0;
}

static void job_is_unknown(struct looks *looks)
{
    looks->now.job = STORED_UNKNOWN;
    looks->now.stored_at = 0;
}

static void origin_was_made_anew(struct looks *looks)
{
    looks->now.stored_at++;
}

static void consumer_was_made_anew(struct looks *looks)
{
    looks->now_consumer.created++;
}

static void consumer_is_gone(struct looks *looks)
{
    looks->now.consumer_there = false;
}

static void consumer_does_not_answer(struct looks *looks)
{
    looks->now.consumer_known = looks->now.consumer_there = false;
}

static void floor_fell(struct looks *looks)
{
    looks->now_consumer.ack_floor_seq--;
}

static void delivered_fell(struct looks *looks)
{
    looks->now_consumer.delivered_seq--;
}

static void was_reset(struct looks *looks)
{
    looks->now_consumer.ack_floor_seq = looks->now_consumer.delivered_seq = 0;
}

static void others_pend_now(struct looks *looks)
{
    looks->now_consumer.ack_pending = 1;
}

static void others_pended_then(struct looks *looks)
{
    looks->then_consumer.ack_pending = 1;
}

static void delivers_for_ever_now(struct looks *looks)
{
    looks->now_consumer.max_deliver = -1;
}

static void max_deliver_was_raised(struct looks *looks)
{
    looks->now_consumer.max_deliver = 5;
}

static void test_judge(void **state)
{
    (void)state;
    static const struct row {
        const char *what;
        void (*change)(struct looks *);
        enum suspicion below, above; /* the floor */
    } rows[] = {
        {"nothing", nothing, SUSPECT_DEAD, SUSPECT_DEAD},
        {"the queue goes on", goes_on, SUSPECT_DEAD, SUSPECT_DEAD},
        {"a raised limit brings nobody back", max_deliver_was_raised, SUSPECT_DEAD, SUSPECT_DEAD},
        {"gone", job_is_gone, SUSPECT_ALIVE, SUSPECT_ALIVE},
        {"no answer about the job", job_is_unknown, SUSPECT_UNPROVEN, SUSPECT_UNPROVEN},
        {"another job", origin_was_made_anew, SUSPECT_ALIVE, SUSPECT_ALIVE},
        {"another consumer", consumer_was_made_anew, SUSPECT_ALIVE, SUSPECT_ALIVE},
        {"no consumer", consumer_is_gone, SUSPECT_ALIVE, SUSPECT_ALIVE},
        {"no answer about it", consumer_does_not_answer, SUSPECT_UNPROVEN, SUSPECT_UNPROVEN},
        {"the floor fell", floor_fell, SUSPECT_UNPROVEN, SUSPECT_UNPROVEN},
        {"delivered fell", delivered_fell, SUSPECT_UNPROVEN, SUSPECT_UNPROVEN},
        {"reset", was_reset, SUSPECT_UNPROVEN, SUSPECT_UNPROVEN},
        {"others pend now", others_pend_now, SUSPECT_DEAD, SUSPECT_UNPROVEN},
        {"others pended then", others_pended_then, SUSPECT_DEAD, SUSPECT_UNPROVEN},
        {"no limit now", delivers_for_ever_now, SUSPECT_UNPROVEN, SUSPECT_ALIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int above = 0; above <= 1; above++) {
            struct looks looks;
            prepare(&looks, FLOOR + (uint64_t)above);
            rows[i].change(&looks);
            enum suspicion got = suspect_judge(&looks.then, &looks.now);
            enum suspicion expected = above ? rows[i].above : rows[i].below;
            if (got != expected)
                fail_msg("%s, %s the floor: %d, not %d", rows[i].what, above ? "above" : "at", got,
                         expected);
        }
}

/* Whatever the numbers: one that waits, or is in flight above the floor, is never called dead. */
static void test_who_lives_is_never_dead(void **state)
{
    (void)state;
    struct looks looks;
    for (uint64_t floor = 0; floor < 6; floor++)
        for (uint64_t delivered = floor; delivered < 6; delivered++)
            for (uint64_t pending = 0; pending < 3; pending++)
                for (uint64_t seq = 1; seq < 8; seq++) {
                    prepare(&looks, seq);
                    looks.now_consumer = consumer(2, floor, delivered, pending);
                    looks.then_consumer = looks.now_consumer;
                    bool may_live = seq > delivered || (seq > floor && pending > 0);
                    enum suspicion got = suspect_judge(&looks.then, &looks.now);
                    assert_int_equal(got == SUSPECT_DEAD, !may_live);
                }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_nothing_is_dead_before_a_delivery),
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_who_lives_is_never_dead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
