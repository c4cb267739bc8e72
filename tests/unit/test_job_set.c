#include "letters/job_set.h"

#include "unit.h"

static void release(struct job_set *set)
{
    job_set_release(set);
    assert_null(set->slots);
    assert_false(job_set_has(set, 1, 1));
}

TEST(takes_each_job_once)
{
    (void)state;
    struct job_set set = {0};
    assert_false(job_set_has(&set, 7, 100));
    assert_int_equal(job_set_add(&set, 7, 100), 0);
    assert_int_equal(job_set_add(&set, 7, 100), 1);
    assert_true(job_set_has(&set, 7, 100));
    assert_int_equal(set.n, 1);
    release(&set);
}

TEST(tells_apart_jobs_with_the_same_sequence)
{
    (void)state;
    struct job_set set = {0};
    for (int64_t at = 1; at <= 1000; at++)
        assert_int_equal(job_set_add(&set, 7, at), 0);
    assert_true(job_set_has(&set, 7, 1000));
    assert_false(job_set_has(&set, 7, 1001));
    release(&set);
}

TEST(keeps_all_while_it_grows)
{
    (void)state;
    enum { MANY = 100000 };
    static const uint64_t distances[] = {1, 64, UINT64_C(1) << 20, UINT64_C(1) << 44};
    FOR_EACH (distance, distances) {
        struct job_set set = {0};
        for (uint64_t i = 1; i <= MANY; i++)
            assert_int_equal(job_set_add(&set, i * *distance, (int64_t)i), 0);
        for (uint64_t i = 1; i <= MANY; i++)
            assert_int_equal(job_set_add(&set, i * *distance, (int64_t)i), 1);
        assert_int_equal(set.n, MANY);
        assert_true(set.room <= 4 * MANY);
        release(&set);
    }
}
