#include "letter/reserved_subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#define ADVISORIES "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES."

static const struct {
    const char *stored, *filter;
    bool taken;
} rows[] = {
    {"orders.*", "orders.*", false},
    {"orders.*", ">", false},
    {"natsq.dead.orders.>", "natsq.dead.orders.>", true},
    {"natsq.dead.orders.>", "natsq.dead.orders.processor.*.*", true},
    {"natsq.dead.orders.>", ">", true},
    {"natsq.dead.orders.>", "*.dead.>", true},
    {"natsq.dead.orders.>", "natsq.*.*.processor.>", true},
    {"natsq.held.orders.>", "natsq.held.orders.>", true},
    {"natsq.>", "natsq.>", true},
    {"natsq.jobs", "natsq.jobs", false},
    {"natsq.jobs", ">", false},
    {ADVISORIES "orders.*", ADVISORIES "orders.processor", true},
    {ADVISORIES "orders.*", ">", true},
    {">", "natsq.dead.orders.>", true},
    {">", "orders.*", false},
    {">", ">", false}, /* a stream with sources */
    {"*.*", "*.new", false},
};

static void test_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *config = json_pack("{s:[s, s]}", "subjects", "jobs", rows[i].stored);
        if (reserved_subjects_taken(config, rows[i].filter) != rows[i].taken)
            fail_msg("'%s' of a stream with '%s'", rows[i].filter, rows[i].stored);
        json_decref(config);
    }
}

static void test_overlap(void **state)
{
    (void)state;
    assert_true(reserved_subjects_overlap("natsq.dead.orders.processor.1.2"));
    assert_true(reserved_subjects_overlap("natsq.held.x"));
    assert_true(reserved_subjects_overlap(ADVISORIES "orders.processor"));
    assert_false(reserved_subjects_overlap("natsq.dead"));
    assert_false(reserved_subjects_overlap("orders.new"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
