#include "checkpoint/checkpoint_state.h"

#include "unit.h"

static const struct checkpoint_hash none;

static struct checkpoint_hash hash_of(uint64_t number, const char *text)
{
    return checkpoint_hash_of(number, text, strlen(text));
}

/* One character of `records` for each: c confirmed, r refused, l left out. */
static void settle(struct checkpoint_state *state, const char *records)
{
    for (; *records; records++) {
        const struct checkpoint_hash hash = hash_of(state->position, "job");
        if (*records == 'c')
            checkpoint_state_confirm(state, &hash, 0);
        else if (*records == 'r')
            assert_true(checkpoint_state_refuse(state));
        else
            checkpoint_state_skip(state);
    }
}

static bool equal(const struct checkpoint_state *a, const struct checkpoint_state *b)
{
    bool same = a->position == b->position && a->n_refused == b->n_refused &&
                a->partial == b->partial && checkpoint_hash_equal(&a->hash, &b->hash);
    for (size_t i = 0; same && i < a->n_refused; i++)
        same = a->refused[i].number == b->refused[i].number &&
               checkpoint_hash_equal(&a->refused[i].before, &b->refused[i].before);
    return same;
}

TEST(hashes_add_up_in_any_order)
{
    const struct checkpoint_hash a = hash_of(1, "a"), b = hash_of(2, "b"), moved = hash_of(2, "a");
    struct checkpoint_hash ab = a, ba = b;
    checkpoint_hash_add(&ab, &b);
    checkpoint_hash_add(&ba, &a);
    assert_true(checkpoint_hash_equal(&ab, &ba));
    assert_false(checkpoint_hash_equal(&a, &moved));
    checkpoint_hash_add(&ab, &b);
    assert_true(checkpoint_hash_equal(&ab, &a));
}

TEST(a_corrected_job_counts_as_if_it_had_been_confirmed_at_once)
{
    static const char *const cases[][2] = {
        {"r", "c"},     {"cr", "cc"},         {"rc", "cc"},         {"crcr", "cccr"},
        {"rrr", "crr"}, {"crlrcr", "cclrcr"}, {"lrcclr", "lccclr"},
    };
    FOR_EACH (example, cases) {
        struct checkpoint_state refused = {0}, confirmed = {0};
        settle(&refused, (*example)[0]);
        settle(&confirmed, (*example)[1]);
        uint64_t number = strcspn((*example)[0], "r");
        const struct checkpoint_hash now = hash_of(number, "job");
        assert_non_null(checkpoint_state_find(&refused, number));
        checkpoint_state_replace(&refused, number, &none, &now, 0);
        assert_null(checkpoint_state_find(&refused, number));
        assert_true(equal(&refused, &confirmed));
    }
}

TEST(a_grown_record_replaces_its_partial_one)
{
    struct checkpoint_state grown = {0}, whole = {0};
    const struct checkpoint_hash hal = hash_of(1, "hal"), half = hash_of(1, "half");
    settle(&grown, "c");
    settle(&whole, "c");
    checkpoint_state_confirm(&grown, &hal, 3);
    checkpoint_state_confirm(&whole, &half, 4);
    checkpoint_state_replace(&grown, 1, &hal, &half, 4);
    assert_true(equal(&grown, &whole));
    settle(&grown, "c");
    assert_int_equal(grown.partial, 0);
}

TEST(the_position_stays_when_too_many_are_refused)
{
    struct checkpoint_state many = {0};
    for (int i = 0; i < CHECKPOINT_REFUSED_MOST; i++)
        assert_true(checkpoint_state_refuse(&many));
    assert_false(checkpoint_state_refuse(&many));
    assert_int_equal(many.position, CHECKPOINT_REFUSED_MOST);
    assert_null(checkpoint_state_find(&many, CHECKPOINT_REFUSED_MOST));
    checkpoint_state_replace(&many, 500, &none, &none, 0);
    assert_true(checkpoint_state_refuse(&many));
    assert_non_null(checkpoint_state_find(&many, CHECKPOINT_REFUSED_MOST));
    assert_null(checkpoint_state_find(&many, 500));
}
