#include "sweep/death_proof.h"

#include "unit.h"

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

TEST(one_look_proves_what_the_floor_shows)
{
    static const struct row {
        const char *what;
        int64_t max_deliver;
        uint64_t ack_pending, seq;
        enum death_proof expected;
    } rows[] = {
        {"below the floor", 2, 5, 9, DEATH_PROVEN},
        {"at the floor", 2, 5, FLOOR, DEATH_PROVEN},
        {"above the floor, others pend", 2, 1, FLOOR + 1, DEATH_UNPROVEN},
        {"the last delivered, others pend", 2, 1, DELIVERED, DEATH_UNPROVEN},
        {"above the floor, nothing pends", 2, 0, FLOOR + 1, DEATH_PROVEN},
        {"the last delivered, nothing pends", 2, 0, DELIVERED, DEATH_PROVEN},
        {"not delivered, nothing pends", 2, 0, DELIVERED + 1, DEATH_RULED_OUT},
        {"not delivered, others pend", 2, 3, DELIVERED + 1, DEATH_RULED_OUT},
        {"one attempt only", 1, 0, DELIVERED, DEATH_PROVEN},
        {"no limit, below the floor: skipped", -1, 0, FLOOR, DEATH_UNPROVEN},
        {"no limit, above the floor", -1, 0, FLOOR + 1, DEATH_RULED_OUT},
        {"no limit, others pend", -1, 4, FLOOR + 1, DEATH_RULED_OUT},
        {"the server's 0 is no limit", 0, 0, FLOOR + 1, DEATH_RULED_OUT},
    };
    FOR_EACH (each, rows) {
        const struct durable_state there =
            consumer(each->max_deliver, FLOOR, DELIVERED, each->ack_pending);
        enum death_proof got = death_proof_once(&there, each->seq);
        if (got != each->expected)
            fail_msg("%s: %d, not %d", each->what, got, each->expected);
    }
}

TEST(nothing_is_dead_before_a_delivery)
{
    const struct durable_state fresh = consumer(2, 0, 0, 0);
    for (uint64_t seq = 1; seq < 5; seq++)
        assert_int_equal(death_proof_once(&fresh, seq), DEATH_RULED_OUT);
}

/* A job that is dead at both looks; each row changes one thing. */
struct looks {
    struct durable_state then_consumer, now_consumer;
    struct observation then, now;
};

static void prepare(struct looks *looks, uint64_t seq)
{
    looks->then_consumer = looks->now_consumer = consumer(2, FLOOR, DELIVERED, 0);
    looks->then = (struct observation){CONSUMER_THERE, &looks->then_consumer, STORED_THERE, seq, T};
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

static void origin_was_recreated(struct looks *looks)
{
    looks->now.stored_at++;
}

static void consumer_was_recreated(struct looks *looks)
{
    looks->now_consumer.created++;
}

static void consumer_is_gone(struct looks *looks)
{
    looks->now.consumer_seen = CONSUMER_GONE;
}

static void consumer_does_not_answer(struct looks *looks)
{
    looks->now.consumer_seen = CONSUMER_UNKNOWN;
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

static void has_no_limit_now(struct looks *looks)
{
    looks->now_consumer.max_deliver = -1;
}

static void max_deliver_was_raised(struct looks *looks)
{
    looks->now_consumer.max_deliver = 5;
}

TEST(two_looks_must_agree)
{
    static const struct row {
        const char *what;
        void (*change)(struct looks *);
        enum death_proof below, above; /* the floor */
    } rows[] = {
        {"nothing", nothing, DEATH_PROVEN, DEATH_PROVEN},
        {"the queue goes on", goes_on, DEATH_PROVEN, DEATH_PROVEN},
        {"a raised limit revives no job", max_deliver_was_raised, DEATH_PROVEN, DEATH_PROVEN},
        {"gone", job_is_gone, DEATH_RULED_OUT, DEATH_RULED_OUT},
        {"no answer about the job", job_is_unknown, DEATH_UNPROVEN, DEATH_UNPROVEN},
        {"another job", origin_was_recreated, DEATH_RULED_OUT, DEATH_RULED_OUT},
        {"another consumer", consumer_was_recreated, DEATH_RULED_OUT, DEATH_RULED_OUT},
        {"no consumer", consumer_is_gone, DEATH_RULED_OUT, DEATH_RULED_OUT},
        {"no answer about it", consumer_does_not_answer, DEATH_UNPROVEN, DEATH_UNPROVEN},
        {"the floor fell", floor_fell, DEATH_UNPROVEN, DEATH_UNPROVEN},
        {"delivered fell", delivered_fell, DEATH_UNPROVEN, DEATH_UNPROVEN},
        {"reset", was_reset, DEATH_UNPROVEN, DEATH_UNPROVEN},
        {"others pend now", others_pend_now, DEATH_PROVEN, DEATH_UNPROVEN},
        {"others pended then", others_pended_then, DEATH_PROVEN, DEATH_UNPROVEN},
        {"no limit now", has_no_limit_now, DEATH_UNPROVEN, DEATH_RULED_OUT},
    };
    FOR_EACH (each, rows)
        for (int above = 0; above <= 1; above++) {
            struct looks looks;
            prepare(&looks, FLOOR + (uint64_t)above);
            each->change(&looks);
            enum death_proof got = death_proof_twice(&looks.then, &looks.now);
            enum death_proof expected = above ? each->above : each->below;
            if (got != expected)
                fail_msg("%s, %s the floor: %d, not %d", each->what, above ? "above" : "at", got,
                         expected);
        }
}

/* Whatever the numbers: a job that is pending, or in flight above the floor, is never proven dead.
 */
TEST(living_jobs_are_never_proven_dead)
{
    struct looks looks;
    for (uint64_t floor = 0; floor < 6; floor++)
        for (uint64_t delivered = floor; delivered < 6; delivered++)
            for (uint64_t pending = 0; pending < 3; pending++)
                for (uint64_t seq = 1; seq < 8; seq++) {
                    prepare(&looks, seq);
                    looks.now_consumer = consumer(2, floor, delivered, pending);
                    looks.then_consumer = looks.now_consumer;
                    bool may_live = seq > delivered || (seq > floor && pending > 0);
                    enum death_proof got = death_proof_twice(&looks.then, &looks.now);
                    assert_int_equal(got == DEATH_PROVEN, !may_live);
                }
}
