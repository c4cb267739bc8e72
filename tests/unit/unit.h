/* unit: the frame of a unit test: cmocka, tests that register themselves, loops over tables.
 *
 *     TEST(refuses_what_is_no_number)
 *     {
 *         FOR_EACH (text, texts)
 *             assert_false(parse(*text));
 *     }
 *
 * One file is one program; its main is here, unless the file defines OWN_MAIN and calls unit_run.
 */
#ifndef NATSQ_UNIT_H
#define NATSQ_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNIT_TESTS_MAX = 32 };

static struct CMUnitTest unit_tests[UNIT_TESTS_MAX + 1]; /* cmocka skips what is empty */
static CMFixtureFunction unit_before_all, unit_after_all, unit_before_each, unit_after_each;

static inline void unit_add(const char *name, CMUnitTestFunction run)
{
    size_t n = 0;
    while (unit_tests[n].name)
        n++;
    if (n == UNIT_TESTS_MAX)
        abort();
    unit_tests[n] = (struct CMUnitTest){.name = name, .test_func = run};
}

static inline int unit_run(void)
{
    for (struct CMUnitTest *test = unit_tests; test->name; test++) {
        test->setup_func = unit_before_each;
        test->teardown_func = unit_after_each;
    }
    return cmocka_run_group_tests(unit_tests, unit_before_all, unit_after_all);
}

#ifndef OWN_MAIN
int main(void)
{
    return unit_run();
}
#endif

/* Defines a test and registers it; what a fixture stores is in `state`. */
#define TEST(name)                                                                                 \
    static void test_##name(void **state);                                                         \
    __attribute__((constructor)) static void register_##name(void)                                 \
    {                                                                                              \
        unit_add(#name, test_##name);                                                              \
    }                                                                                              \
    static void test_##name(__attribute__((unused)) void **state)

/* Functions that run before and after all tests of the file, or each of them; NULL: none. */
#define AROUND_ALL(before, after) UNIT_FIXTURE(all, before, after)
#define AROUND_EACH(before, after) UNIT_FIXTURE(each, before, after)
#define UNIT_FIXTURE(which, before, after)                                                         \
    __attribute__((constructor)) static void set_fixture_##which(void)                             \
    {                                                                                              \
        unit_before_##which = before;                                                              \
        unit_after_##which = after;                                                                \
    }

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* `each` points to one element of the array after the other. */
#define FOR_EACH(each, array)                                                                      \
    for (__typeof__(&(array)[0]) each = (array); each < (array) + LENGTH(array); each++)

#endif
