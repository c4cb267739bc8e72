#include "queue/dlq_subjects.h"

#include "unit.h"

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

TEST(a_filter_for_letters_is_recognized)
{
    FOR_EACH (row, rows) {
        json_t *config = json_pack("{s:[s, s]}", "subjects", "jobs", row->stored);
        if (dlq_subjects_taken(config, row->filter) != row->taken)
            fail_msg("'%s' of a stream with '%s'", row->filter, row->stored);
        json_decref(config);
    }
}

TEST(letter_and_advisory_subjects_overlap)
{
    assert_true(dlq_subjects_overlap(NULL, "natsq.dead.orders.processor.1.2"));
    assert_true(dlq_subjects_overlap(NULL, "natsq.held.x"));
    assert_true(dlq_subjects_overlap(NULL, ADVISORIES "orders.processor"));
    assert_false(dlq_subjects_overlap(NULL, "natsq.dead"));
    assert_false(dlq_subjects_overlap(NULL, "orders.new"));
}
