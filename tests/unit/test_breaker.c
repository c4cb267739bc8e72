#include "breaker.h"

#include "base/duration.h"

#include "unit.h"

#define S DURATION_S

TEST(rules_are_numbers_or_percentages)
{
    static const struct {
        const char *text;
        bool is_valid;
        size_t failures, percent;
    } cases[] = {
        {"1", true, 1, 0},
        {"10", true, 10, 0},
        {"1000", true, 1000, 0},
        {"1%", true, 0, 1},
        {"50%", true, 0, 50},
        {"100%", true, 0, 100},
        {"", false, 0, 0},
        {"%", false, 0, 0},
        {"0", false, 0, 0},
        {"0%", false, 0, 0},
        {"1001", false, 0, 0},
        {"101%", false, 0, 0},
        {"-1", false, 0, 0},
        {" 1", false, 0, 0},
        {"10 %", false, 0, 0},
        {"10%%", false, 0, 0},
        {"1.5", false, 0, 0},
        {"ten", false, 0, 0},
        {"99999999999999999999", false, 0, 0},
    };
    FOR_EACH (each, cases) {
        struct breaker_rule rule = {0};
        if (breaker_rule_parse(each->text, &rule) != each->is_valid ||
            rule.failures != each->failures || rule.percent != each->percent)
            fail_msg("%s", each->text);
    }
}

/* Attempts as letters: f failed, d done. The breaker opens at the last one, or never. */
static const struct {
    const char *rule, *attempts;
    bool opens;
} openings[] = {
    {"1", "f", true},
    {"3", "fff", true},
    {"3", "ff", false},
    {"3", "dfdfdf", true},
    /* the first failure is no longer among the last 20 */
    {"3", "fdddddddddddddddddddff", false},
    {"3", "fddddddddddddddddddff", false},
    {"3", "fdddddddddddddddddff", true},
    {"3", "fdddddddddddddddddddfff", true},
    /* a window as long as the number of failures */
    {"25", "fffffffffffffffffffffffff", true},
    {"25", "ffffffffffffffffffffffff", false},
    {"25", "fdffffffffffffffffffffffff", false},
    /* a percentage needs a full window */
    {"50%", "fffffffffffffffffff", false},
    {"50%", "ffffffffffffffffffff", true},
    {"50%", "ddddddddddffffffffff", true},
    {"50%", "dddddddddddfffffffff", false},
    {"50%", "dddddddddddffffffffff", true},
    {"100%", "ffffffffffffffffffff", true},
    {"100%", "dfffffffffffffffffff", false},
    {"100%", "dffffffffffffffffffff", true},
    {"1%", "dddddddddddddddddddf", true},
    {"1%", "dddddddddddddddddddd", false},
};

TEST(it_opens_when_too_many_of_the_last_attempts_failed)
{
    FOR_EACH (each, openings) {
        struct breaker_rule rule = {0};
        struct breaker breaker;
        assert_true(breaker_rule_parse(each->rule, &rule));
        breaker_init(&breaker, &rule);
        for (const char *at = each->attempts; *at; at++) {
            enum breaker_event event = breaker_count(&breaker, *at == 'f', 0);
            bool is_expected = each->opens && !at[1];
            if ((event == BREAKER_OPENED) != is_expected || breaker.is_open != is_expected)
                fail_msg("%s: %s at %td", each->rule, each->attempts, at - each->attempts);
        }
    }
}

TEST(without_a_rule_it_never_opens)
{
    struct breaker breaker;
    breaker_init(&breaker, &(struct breaker_rule){0});
    for (int i = 0; i < 5000; i++)
        assert_int_equal(breaker_count(&breaker, true, i), BREAKER_NOTHING);
    assert_false(breaker_probe(&breaker, INT64_MAX));
}

static void open_at(struct breaker *breaker, int64_t now)
{
    breaker_init(breaker, &(struct breaker_rule){.failures = 2});
    assert_false(breaker_probe(breaker, now));
    assert_int_equal(breaker_count(breaker, true, now), BREAKER_NOTHING);
    assert_int_equal(breaker_count(breaker, true, now), BREAKER_OPENED);
}

TEST(it_probes_one_at_a_time_at_growing_intervals)
{
    static const int seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct breaker breaker;
    int64_t now = 100 * S;
    open_at(&breaker, now);
    for (size_t i = 0; i < LENGTH(seconds); i++) {
        now += seconds[i] * S;
        assert_false(breaker_probe(&breaker, now - 1));
        assert_true(breaker_probe(&breaker, now));
        assert_false(breaker_probe(&breaker, now));
        assert_false(breaker_probe(&breaker, now + 1000 * S)); /* however long it takes */
        now += 7 * S;
        enum breaker_event event = breaker_end_probe(&breaker, true, now);
        assert_int_equal(event, i == 5 ? BREAKER_SLOWEST : BREAKER_NOTHING);
    }
    assert_int_equal(breaker.probes, LENGTH(seconds));
}

TEST(what_began_before_it_opened_does_not_count)
{
    struct breaker breaker;
    open_at(&breaker, 0);
    for (int i = 0; i < 50; i++)
        assert_int_equal(breaker_count(&breaker, i % 2, S), BREAKER_NOTHING);
    assert_true(breaker_probe(&breaker, S));
    assert_int_equal(breaker_count(&breaker, false, S), BREAKER_NOTHING);
    assert_true(breaker.is_open && breaker.is_probing);
}

TEST(a_probe_that_succeeds_closes_it_and_it_counts_from_the_beginning)
{
    struct breaker breaker;
    open_at(&breaker, 0);
    assert_true(breaker_probe(&breaker, S));
    assert_int_equal(breaker_end_probe(&breaker, true, S), BREAKER_NOTHING);
    assert_true(breaker_probe(&breaker, 3 * S));
    assert_int_equal(breaker_end_probe(&breaker, false, 3 * S), BREAKER_CLOSED);
    assert_int_equal(breaker.probes, 2);
    assert_false(breaker_probe(&breaker, INT64_MAX));
    /* the failures before are forgotten, and the waits begin at 1 s again */
    assert_int_equal(breaker_count(&breaker, true, 4 * S), BREAKER_NOTHING);
    assert_int_equal(breaker_count(&breaker, true, 4 * S), BREAKER_OPENED);
    assert_int_equal(breaker.probes, 0);
    assert_false(breaker_probe(&breaker, 5 * S - 1));
    assert_true(breaker_probe(&breaker, 5 * S));
}
