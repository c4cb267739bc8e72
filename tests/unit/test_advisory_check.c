#include "letters/advisory_check.h"

#include "unit.h"

/* A time before, at or after the advisory's. */
enum { BEFORE = -1, AT = 0, AFTER = 1, ANY = 9 };

static const int64_t advisory_time = INT64_C(1795561856123456789);

/* Whether the consumer has delivered the job. */
enum { NOT_YET, DELIVERED };

/* ANY: does not matter. Every combination matches exactly one row. */
static const struct row {
    int job, consumer, stored, created, delivered;
    enum advisory_status expected;
} rows[] = {
    /* the leader does not hold it: gone, regardless of everything else */
    {STORED_GONE, ANY, ANY, ANY, ANY, ADVISORY_JOB_GONE},
    /* no answer is never "gone" and never "dead" */
    {STORED_UNKNOWN, ANY, ANY, ANY, ANY, ADVISORY_UNDECIDED},
    {STORED_THERE, CONSUMER_UNKNOWN, ANY, ANY, ANY, ADVISORY_UNDECIDED},
    /* stored after the advisory: another job, with or without a consumer */
    {STORED_THERE, CONSUMER_THERE, AFTER, ANY, ANY, ADVISORY_OTHER_JOB},
    {STORED_THERE, CONSUMER_GONE, AFTER, ANY, ANY, ADVISORY_OTHER_JOB},
    {STORED_THERE, CONSUMER_GONE, BEFORE, ANY, ANY, ADVISORY_CONSUMER_GONE},
    {STORED_THERE, CONSUMER_GONE, AT, ANY, ANY, ADVISORY_CONSUMER_GONE},
    /* a consumer that was recreated since gives the job fresh attempts */
    {STORED_THERE, CONSUMER_THERE, BEFORE, AFTER, ANY, ADVISORY_CONSUMER_RECREATED},
    {STORED_THERE, CONSUMER_THERE, AT, AFTER, ANY, ADVISORY_CONSUMER_RECREATED},
    /* so does one that was reset, which `created` does not show */
    {STORED_THERE, CONSUMER_THERE, BEFORE, BEFORE, NOT_YET, ADVISORY_CONSUMER_RESET},
    {STORED_THERE, CONSUMER_THERE, BEFORE, AT, NOT_YET, ADVISORY_CONSUMER_RESET},
    {STORED_THERE, CONSUMER_THERE, AT, BEFORE, NOT_YET, ADVISORY_CONSUMER_RESET},
    {STORED_THERE, CONSUMER_THERE, AT, AT, NOT_YET, ADVISORY_CONSUMER_RESET},
    {STORED_THERE, CONSUMER_THERE, BEFORE, BEFORE, DELIVERED, ADVISORY_JOB_DEAD},
    {STORED_THERE, CONSUMER_THERE, BEFORE, AT, DELIVERED, ADVISORY_JOB_DEAD},
    {STORED_THERE, CONSUMER_THERE, AT, BEFORE, DELIVERED, ADVISORY_JOB_DEAD},
    {STORED_THERE, CONSUMER_THERE, AT, AT, DELIVERED, ADVISORY_JOB_DEAD},
};

static bool fits(int wanted, int is)
{
    return wanted == ANY || wanted == is;
}

static const struct row *row_for(const struct row *given)
{
    const struct row *found = NULL;
    FOR_EACH (each, rows) {
        const struct row *row = each;
        if (row->job == given->job && fits(row->consumer, given->consumer) &&
            fits(row->stored, given->stored) && fits(row->created, given->created) &&
            fits(row->delivered, given->delivered)) {
            assert_null(found);
            found = row;
        }
    }
    assert_non_null(found);
    return found;
}

static void assert_judged(const struct row *given)
{
    const struct advisory advisory = {.seq = 7, .deliveries = 2, .time = advisory_time};
    const struct stored_message item = {
        .seq = 7,
        .result = (enum stored_result)given->job,
        .job.delivery = {.seq = 7, .stored_at = advisory_time + given->stored},
    };
    const struct consumer_sight consumer = {.seen = (enum consumer_seen)given->consumer,
                                            .created = advisory_time + given->created,
                                            .delivered_seq = given->delivered ? 7 : 6};
    const struct row *row = row_for(given);
    enum advisory_status status = advisory_check(&advisory, &consumer, &item);
    if (status != row->expected)
        fail_msg("job %d, consumer %d, stored %+d, created %+d, delivered %d: it '%s', not '%s'",
                 given->job, given->consumer, given->stored, given->created, given->delivered,
                 advisory_status_text(status), advisory_status_text(row->expected));
}

TEST(every_combination_is_judged_by_the_table)
{
    for (int job = STORED_UNKNOWN; job <= STORED_GONE; job++)
        for (int consumer = CONSUMER_UNKNOWN; consumer <= CONSUMER_GONE; consumer++)
            for (int stored = BEFORE; stored <= AFTER; stored++)
                for (int created = BEFORE; created <= AFTER; created++)
                    for (int delivered = NOT_YET; delivered <= DELIVERED; delivered++)
                        assert_judged(&(struct row){job, consumer, stored, created, delivered,
                                                    ADVISORY_JOB_DEAD});
}

TEST(every_result_has_its_own_text)
{
    for (int a = ADVISORY_UNDECIDED; a <= ADVISORY_CONSUMER_GONE; a++) {
        const char *text = advisory_status_text((enum advisory_status)a);
        assert_null(strstr(text, "unknown"));
        for (int b = ADVISORY_UNDECIDED; b < a; b++)
            assert_string_not_equal(text, advisory_status_text((enum advisory_status)b));
    }
    assert_non_null(strstr(advisory_status_text((enum advisory_status)(ADVISORY_CONSUMER_GONE + 1)),
                           "unknown"));
}
