#include "base/subject.h"

#include "unit.h"

/* NULL: good; otherwise a part of the fault. */
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
    /* JSON, in which every stream and consumer is configured, cannot represent these */
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

TEST(says_what_is_wrong_with_a_subject)
{
    FOR_EACH (row, rows) {
        assert_fault("subject", row->text, subject_fault(row->text), row->subject);
        assert_fault("filter", row->text, subject_filter_fault(row->text), row->filter);
        assert_fault("name", row->text, subject_name_fault(row->text), row->name);
    }
}

TEST(finds_wildcards_within_tokens)
{
    static const char *const inner[] = {"a*", "*a", "a.b*", "a*.b", "**", "a.>b", ">>", "a.*.b>"};
    static const char *const none[] = {"a", "*", ">", "a.*", "a.>", "*.*.>", "*.a.*", ""};
    (void)state;
    FOR_EACH (each, inner)
        assert_true(subject_has_inner_wildcard(*each));
    FOR_EACH (each, none)
        assert_false(subject_has_inner_wildcard(*each));
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

TEST(finds_overlaps_and_covers)
{
    FOR_EACH (pair, pairs) {
        const char *a = pair->a, *b = pair->b;
        if (subject_overlap(a, b) != pair->overlap || subject_overlap(b, a) != pair->overlap)
            fail_msg("overlap of '%s' and '%s' is not %d", a, b, pair->overlap);
        if (subject_covers(a, b) != pair->a_covers_b)
            fail_msg("'%s' covers '%s' is not %d", a, b, pair->a_covers_b);
        if (subject_covers(b, a) != pair->b_covers_a)
            fail_msg("'%s' covers '%s' is not %d", b, a, pair->b_covers_a);
    }
}

/* Subjects that cover each other are the same. */
TEST(covering_implies_overlapping)
{
    FOR_EACH (pair, pairs)
        FOR_EACH (each, pairs) {
            const char *a = pair->a, *b = each->b;
            assert_int_equal(subject_overlap(a, b), subject_overlap(b, a));
            if (subject_covers(a, b))
                assert_true(subject_overlap(a, b));
            if (subject_covers(a, b) && subject_covers(b, a))
                assert_string_equal(a, b);
        }
}

/* The longest name that the server accepts, and one byte more. */
TEST(the_length_of_a_name_is_limited)
{
    char name[257] = "";
    memset(name, 'n', 255);
    assert_null(subject_name_fault(name));
    name[255] = 'n';
    assert_string_equal(subject_name_fault(name), "is longer than 255 bytes");
}
