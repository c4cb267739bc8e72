#include "judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A time before, at or after the advisory's. */
enum { BEFORE = -1, AT = 0, AFTER = 1, ANY = 9 };

static const int64_t advisory_time = INT64_C(1795561856123456789);

/* What decides; ANY plays no part. Every combination meets exactly one row. */
static const struct row {
    int job, consumer, stored, created;
    enum judgement expected;
} rows[] = {
    /* the leader does not hold it: gone, whatever else is known */
    {STORED_GONE, ANY, ANY, ANY, JUDGE_GONE},
    /* no answer is never "gone" and never "dead" */
    {STORED_UNKNOWN, ANY, ANY, ANY, JUDGE_UNKNOWN},
    {STORED_THERE, CONSUMER_UNKNOWN, ANY, ANY, JUDGE_UNKNOWN},
    /* stored after the advisory: another job, with or without a consumer */
    {STORED_THERE, CONSUMER_THERE, AFTER, ANY, JUDGE_NEWER},
    {STORED_THERE, CONSUMER_GONE, AFTER, ANY, JUDGE_NEWER},
    {STORED_THERE, CONSUMER_GONE, BEFORE, ANY, JUDGE_NO_CONSUMER},
    {STORED_THERE, CONSUMER_GONE, AT, ANY, JUDGE_NO_CONSUMER},
    /* a consumer made anew gives the job its attempts again */
    {STORED_THERE, CONSUMER_THERE, BEFORE, AFTER, JUDGE_REMADE},
    {STORED_THERE, CONSUMER_THERE, AT, AFTER, JUDGE_REMADE},
    {STORED_THERE, CONSUMER_THERE, BEFORE, BEFORE, JUDGE_DEAD},
    {STORED_THERE, CONSUMER_THERE, BEFORE, AT, JUDGE_DEAD},
    {STORED_THERE, CONSUMER_THERE, AT, BEFORE, JUDGE_DEAD},
    {STORED_THERE, CONSUMER_THERE, AT, AT, JUDGE_DEAD},
};

static const struct row *row_for(int job, int consumer, int stored, int created)
{
    const struct row *found = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        if (row->job == job && (row->consumer == consumer || row->consumer == ANY) &&
            (row->stored == stored || row->stored == ANY) &&
            (row->created == created || row->created == ANY)) {
            assert_null(found);
            found = row;
        }
    }
    assert_non_null(found);
    return found;
}

static void assert_judged(int job, int consumer, int stored, int created)
{
    const struct advisory advisory = {.seq = 7, .deliveries = 2, .time = advisory_time};
    const struct stored item = {
        .seq = 7,
        .result = (enum stored_result)job,
        .job.delivery = {.seq = 7, .stored_at = advisory_time + stored},
    };
    const struct row *row = row_for(job, consumer, stored, created);
    enum judgement judgement =
        judge_advisory(&advisory, (enum judge_consumer)consumer, advisory_time + created, &item);
    if (judgement != row->expected)
        fail_msg("job %d, consumer %d, stored %+d, created %+d: it '%s', not '%s'", job, consumer,
                 stored, created, judgement_text(judgement), judgement_text(row->expected));
}

static void test_full_table(void **state)
{
    (void)state;
    for (int job = STORED_UNKNOWN; job <= STORED_GONE; job++)
        for (int consumer = CONSUMER_UNKNOWN; consumer <= CONSUMER_GONE; consumer++)
            for (int stored = BEFORE; stored <= AFTER; stored++)
                for (int created = BEFORE; created <= AFTER; created++)
                    assert_judged(job, consumer, stored, created);
}

static void test_texts(void **state)
{
    (void)state;
    for (int a = JUDGE_UNKNOWN; a <= JUDGE_NO_CONSUMER; a++) {
        const char *text = judgement_text((enum judgement)a);
        assert_null(strstr(text, "unknown"));
        for (int b = JUDGE_UNKNOWN; b < a; b++)
            assert_string_not_equal(text, judgement_text((enum judgement)b));
    }
    assert_non_null(strstr(judgement_text((enum judgement)(JUDGE_NO_CONSUMER + 1)), "unknown"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_table),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
