#include "run/fate.h"

#include "unit.h"

static const struct row {
    const char *reason;
    uint64_t retries; /* so far */
    int64_t allowed;
    uint64_t deliveries; /* of the letter */
    enum fate expected;
} rows[] = {
    /* put back as often as allowed, then held */
    {"exit 1", 0, 0, 1, FATE_HOLD},
    {"exit 1", 0, 1, 1, FATE_PUT_BACK},
    {"exit 1", 1, 1, 1, FATE_HOLD},
    {"exit 1", 2, 1, 1, FATE_HOLD},
    {"exit 1", 1, 3, 1, FATE_PUT_BACK},
    {"exit 1", 2, 3, 1, FATE_PUT_BACK},
    {"exit 1", 3, 3, 1, FATE_HOLD},
    {"exit 1", 1000000, 1000000, 1, FATE_HOLD},
    /* a forged or broken number of retries is no reason to go on forever */
    {"exit 1", UINT64_MAX, 1, 1, FATE_HOLD},
    {"exit 1", UINT64_MAX, INT64_MAX, 1, FATE_HOLD},
    {"exit 1", 0, INT64_MAX, 1, FATE_PUT_BACK},
    /* ten deliveries without a fate, and the eleventh holds it */
    {"exit 1", 0, 1, FATE_DELIVERIES_MAX - 1, FATE_PUT_BACK},
    {"exit 1", 0, 1, FATE_DELIVERIES_MAX, FATE_PUT_BACK},
    {"exit 1", 0, 1, FATE_DELIVERIES_MAX + 1, FATE_HOLD},
    {"exit 1", 0, 1, UINT64_MAX, FATE_HOLD},
    /* hopeless is held immediately, and only exactly this word */
    {"hopeless", 0, 1, 1, FATE_HOLD},
    {"hopeless", 0, INT64_MAX, 1, FATE_HOLD},
    {"hopeless ", 0, 1, 1, FATE_PUT_BACK},
    {"Hopeless", 0, 1, 1, FATE_PUT_BACK},
    {"max deliveries", 0, 1, 1, FATE_PUT_BACK},
    {"signal 9", 0, 1, 1, FATE_PUT_BACK},
    {"timeout 30s", 0, 1, 1, FATE_PUT_BACK},
    {"failed", 0, 1, 1, FATE_PUT_BACK},
    {"swept", 0, 1, 1, FATE_PUT_BACK},
    {"", 0, 1, 1, FATE_PUT_BACK},
    {NULL, 0, 1, 1, FATE_PUT_BACK},
    {NULL, 1, 1, 1, FATE_HOLD},
};

TEST(without_a_handler)
{
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct letter letter = {.reason = rows[i].reason, .retries = rows[i].retries};
        if (fate_of_letter(&letter, rows[i].allowed, rows[i].deliveries) != rows[i].expected)
            fail_msg("row %zu: '%s', %ju of %jd retries, delivery %ju", i,
                     rows[i].reason ? rows[i].reason : "NULL", (uintmax_t)rows[i].retries,
                     (intmax_t)rows[i].allowed, (uintmax_t)rows[i].deliveries);
    }
}

/* Putting back always ends, regardless of the limit. */
TEST(putting_back_ends)
{
    for (int64_t allowed = 0; allowed < 50; allowed++) {
        struct letter letter = {.reason = "exit 1"};
        while (fate_of_letter(&letter, allowed, 1) == FATE_PUT_BACK)
            letter.retries++;
        assert_int_equal(letter.retries, allowed);
    }
}

TEST(after_a_handler)
{
    static const struct {
        enum verdict_kind kind;
        uint64_t deliveries;
        enum fate expected; /* with 2 attempts */
    } verdicts[] = {
        {VERDICT_DONE, 1, FATE_DONE},
        {VERDICT_DONE, 9, FATE_DONE},
        {VERDICT_RETRY, 1, FATE_UNDECIDED},
        {VERDICT_RETRY, 2, FATE_HOLD},
        {VERDICT_RETRY, 3, FATE_HOLD},
        {VERDICT_HOPELESS, 1, FATE_HOLD},
        /* not the job's fault: no failure, however often */
        {VERDICT_STOPPED, 9, FATE_UNDECIDED},
        {VERDICT_UNSTARTED, 9, FATE_UNDECIDED},
    };
    FOR_EACH (each, verdicts) {
        const struct verdict verdict = {.kind = each->kind};
        assert_int_equal(fate_of_verdict(&verdict, each->deliveries, 2), each->expected);
    }
}
