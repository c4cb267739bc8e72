#include "base/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* NULL: good; else a part of what must be said. */
struct row {
    const char *text, *subject, *filter, *name;
};

#define BLANK "blank or a control"
#define TOKEN "empty token"
#define NAME "may not have"

static const struct row rows[] = {
    {"orders", NULL, NULL, NULL},
    {"orders_stream-1", NULL, NULL, NULL},
    {"orders.new", NULL, NULL, NAME},
    {"a.b.c.d.e.f", NULL, NULL, NAME},
    {"$JS.API.x", NULL, NULL, NAME},
    {"gr\xc3\xbc\xc3\x9f", NULL, NULL, NULL},
    {"", "empty", "empty", "empty"},
    {".", TOKEN, TOKEN, NAME},
    {".a", TOKEN, TOKEN, NAME},
    {"a.", TOKEN, TOKEN, NAME},
    {"a..b", TOKEN, TOKEN, NAME},
    {"a b", BLANK, BLANK, NAME},
    {" a", BLANK, BLANK, NAME},
    {"a ", BLANK, BLANK, NAME},
    {"a\tb", BLANK, BLANK, NAME},
    {"a\r\nPUB x 0", BLANK, BLANK, NAME},
    {"a\x7f", BLANK, BLANK, NAME},
    {"a\x1b", BLANK, BLANK, NAME},
    {"*", "wildcard", NULL, NAME},
    {">", "wildcard", NULL, NAME},
    {"orders.*", "wildcard", NULL, NAME},
    {"orders.>", "wildcard", NULL, NAME},
    {"*.*.>", "wildcard", NULL, NAME},
    {"a.*.b", "wildcard", NULL, NAME},
    {">.a", "wildcard", "before its last", NAME},
    {"a.>.b", "wildcard", "before its last", NAME},
    {"a.>.", "wildcard", "before its last", NAME},
    /* inside a token they are letters like any other (Subscribe rules of the server) */
    {"a*", NULL, NULL, NAME},
    {"a>b.c", NULL, NULL, NAME},
    {"a/b", NULL, NULL, NAME},
    {"a\\b", NULL, NULL, NAME},
    /* JSON, in which every stream and consumer is configured, cannot carry these */
    {"a.\xff", "UTF-8", "UTF-8", "UTF-8"},
    {"\xc3", "UTF-8", "UTF-8", "UTF-8"},
};

static void assert_fault(const char *of, const char *text, const char *fault, const char *expected)
{
    if (!expected && fault)
        fail_msg("%s '%s' %s", of, text, fault);
    if (expected && (!fault || !strstr(fault, expected)))
        fail_msg("%s '%s' must say '%s', not '%s'", of, text, expected, fault ? fault : "nothing");
}

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_fault("subject", rows[i].text, subject_fault(rows[i].text), rows[i].subject);
        assert_fault("filter", rows[i].text, subject_filter_fault(rows[i].text), rows[i].filter);
        assert_fault("name", rows[i].text, subject_name_fault(rows[i].text), rows[i].name);
    }
}

static void test_inner_wildcards(void **state)
{
    static const char *const inner[] = {"a*", "*a", "a.b*", "a*.b", "**", "a.>b", ">>", "a.*.b>"};
    static const char *const none[] = {"a", "*", ">", "a.*", "a.>", "*.*.>", "*.a.*", ""};
    (void)state;
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
        assert_true(subject_has_inner_wildcard(inner[i]));
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(subject_has_inner_wildcard(none[i]));
}

static const struct {
    const char *a, *b;
    bool overlap, a_covers_b, b_covers_a;
} pairs[] = {
    {"a", "a", true, true, true},
    {"a", "b", false, false, false},
    {"a", "ab", false, false, false},
    {"a.b", "a", false, false, false},
    {"*", "a", true, true, false},
    {"*", "*", true, true, true},
    {"*", "a.b", false, false, false},
    {">", "a", true, true, false},
    {">", "a.b.c", true, true, false},
    {">", "*", true, true, false},
    {">", ">", true, true, true},
    {"a.>", "a", false, false, false},
    {"a.>", "a.b", true, true, false},
    {"a.>", "a.b.c", true, true, false},
    {"a.>", "a.*", true, true, false},
    {"a.>", "*.b", true, false, false},
    {"a.>", "*", false, false, false},
    {"a.>", "b.>", false, false, false},
    {"a.>", "a.>", true, true, true},
    {"a.*", "a.b", true, true, false},
    {"a.*", "*.b", true, false, false},
    {"a.*", "b.*", false, false, false},
    {"a.*.c", "a.b.*", true, false, false},
    {"a.*.c", "a.b.d", false, false, false},
    {"*.>", "a.>", true, true, false},
    {"*.>", "a", false, false, false},
    {"*.*", "a.>", true, false, false},
    {"orders.*", "orders.new", true, true, false},
    {"orders.*", "orders.new.eu", false, false, false},
    {"orders.*", "orders", false, false, false},
};

static void test_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *a = pairs[i].a, *b = pairs[i].b;
        if (subject_overlap(a, b) != pairs[i].overlap || subject_overlap(b, a) != pairs[i].overlap)
            fail_msg("overlap of '%s' and '%s' is not %d", a, b, pairs[i].overlap);
        if (subject_covers(a, b) != pairs[i].a_covers_b)
            fail_msg("'%s' covers '%s' is not %d", a, b, pairs[i].a_covers_b);
        if (subject_covers(b, a) != pairs[i].b_covers_a)
            fail_msg("'%s' covers '%s' is not %d", b, a, pairs[i].b_covers_a);
    }
}

/* What covers also overlaps; what covers both ways is the same. */
static void test_laws(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        for (size_t j = 0; j < sizeof pairs / sizeof pairs[0]; j++) {
            const char *a = pairs[i].a, *b = pairs[j].b;
            assert_int_equal(subject_overlap(a, b), subject_overlap(b, a));
            if (subject_covers(a, b))
                assert_true(subject_overlap(a, b));
            if (subject_covers(a, b) && subject_covers(b, a))
                assert_string_equal(a, b);
        }
}

/* As long as the server takes it, and a byte more. */
static void test_length_of_a_name(void **state)
{
    (void)state;
    char name[257] = "";
    memset(name, 'n', 255);
    assert_null(subject_name_fault(name));
    name[255] = 'n';
    assert_string_equal(subject_name_fault(name), "is longer than 255 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_inner_wildcards),
        cmocka_unit_test(test_length_of_a_name),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_laws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
