#include "selection.h"

#include "base/duration.h"

#include "unit.h"

static const int64_t now = 1000 * DURATION_HOUR;

static const struct letter letters[] = {
    {.seq = 12,
     .subject = "orders.new",
     .consumer = "processor",
     .reason = "exit 1",
     .error = "disk full",
     .died_at = 1000 * DURATION_HOUR - 2 * DURATION_HOUR},
    {.seq = 40,
     .subject = "orders.returned.late",
     .consumer = "other",
     .reason = "timeout 30s",
     .died_at = 1000 * DURATION_HOUR - DURATION_MINUTE},
    {.seq = 7, .reason = "unreadable", .died_at = 1000 * DURATION_HOUR - DURATION_HOUR},
};

enum { FIRST = 1, SECOND = 2, UNREADABLE = 4, ALL = 7 };

static const struct row {
    const char *words[4];
    struct selection selection;
    int matched;
} rows[] = {
    {{NULL}, {0}, ALL},
    {{NULL}, {.all = true}, ALL},
    {{"12"}, {0}, FIRST},
    {{"13"}, {0}, 0},
    {{"1-12"}, {0}, FIRST},
    {{"12-39"}, {0}, FIRST},
    {{"12-40"}, {0}, FIRST | SECOND},
    {{"1-5", "40", "12-12"}, {0}, FIRST | SECOND},
    {{"7"}, {0}, 0},
    {{"_7"}, {0}, UNREADABLE},
    {{"_1-9"}, {0}, UNREADABLE},
    {{"_12"}, {0}, 0},
    {{"1-18446744073709551615"}, {0}, FIRST | SECOND},
    {{NULL}, {.subject = "orders.*"}, FIRST},
    {{NULL}, {.subject = "orders.>"}, FIRST | SECOND},
    {{NULL}, {.subject = "orders.new"}, FIRST},
    {{NULL}, {.subject = "orders"}, 0},
    {{NULL}, {.subject = ">"}, FIRST | SECOND},
    {{NULL}, {.consumer = "processor"}, FIRST},
    {{NULL}, {.consumer = "process"}, 0},
    {{NULL}, {.reason = "exit *"}, FIRST},
    {{NULL}, {.reason = "*"}, ALL},
    {{NULL}, {.reason = "unread*"}, UNREADABLE},
    {{NULL}, {.reason = "timeout 3[0-9]s"}, SECOND},
    {{NULL}, {.error = "*full*"}, FIRST},
    {{NULL}, {.error = "full"}, 0},
    {{NULL}, {.error = ""}, SECOND | UNREADABLE},
    {{NULL}, {.older_than = DURATION_S}, ALL},
    {{NULL}, {.older_than = DURATION_MINUTE}, FIRST | UNREADABLE},
    {{NULL}, {.older_than = DURATION_HOUR}, FIRST},
    {{NULL}, {.older_than = 1000 * DURATION_HOUR}, 0},
    /* several selectors */
    {{"1-99"}, {.reason = "exit *", .consumer = "processor"}, FIRST},
    {{"1-99"}, {.reason = "exit *", .consumer = "other"}, 0},
    {{"40"}, {.all = true}, SECOND},
};

TEST(each_selector_narrows_the_selection)
{
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct selection selection = rows[i].selection;
        struct error error = {0};
        int matched = 0;
        for (size_t w = 0; rows[i].words[w]; w++)
            assert_int_equal(selection_add(&selection, rows[i].words[w], &error), 0);
        for (int l = 0; l < 3; l++)
            if (selection_matches(&selection, &letters[l], now))
                matched |= 1 << l;
        if (matched != rows[i].matched)
            fail_msg("row %zu: matched %d, not %d", i, matched, rows[i].matched);
        selection_close(&selection);
    }
}

TEST(refuses_what_is_no_range)
{
    static const char *const words[] = {
        "",
        "-",
        "0",
        "0-3",
        "3-",
        "-3",
        "3-2",
        "a",
        "1a",
        "1-2-3",
        "1,2",
        "+1",
        " 1",
        "1 ",
        "_",
        "_0",
        "__1",
        "1-_2",
        "18446744073709551616",
        "1-99999999999999999999",
        "0x10",
        "file.natsq",
    };
    FOR_EACH (word, words) {
        struct selection selection = {0};
        struct error error = {0};
        if (selection_is_range(*word) || selection_add(&selection, *word, &error) == 0)
            fail_msg("'%s' is taken for a range", *word);
        assert_int_equal(error.exit_code, EX_USAGE);
        assert_non_null(strstr(error.text, "SEQ"));
        selection_close(&selection);
    }
}

TEST(a_selection_without_selectors_is_empty)
{
    struct error error = {0};
    struct selection selection = {.limit = 5};
    assert_true(selection_is_empty(&selection));
    assert_int_equal(selection_add(&selection, "5", &error), 0);
    assert_false(selection_is_empty(&selection));
    selection_close(&selection);
    assert_false(selection_is_empty(&(struct selection){.all = true}));
    assert_true(selection_is_all(&(struct selection){.all = true, .limit = 5}));
}

/* A selector that does not count beside --all would make `discard` purge every letter. */
TEST(a_selector_that_is_given_is_never_every_letter_and_never_none)
{
    size_t n;
    const struct selector *selectors = selection_selectors(&n);
    for (size_t i = 0; i < n; i++) {
        struct selection selection = {0};
        memset((char *)&selection + selectors[i].field, 1, selectors[i].size);
        if (selection_is_empty(&selection))
            fail_msg("%s selects nothing", selectors[i].option);
        selection.all = true;
        if (selection_is_all(&selection))
            fail_msg("--all %s selects every letter", selectors[i].option);
    }
}

TEST(each_field_of_the_selectors_has_a_row)
{
    const size_t end = sizeof(struct selection), word = sizeof(int64_t);
    for (size_t at = offsetof(struct selection, ranges); at < end; at += word) {
        struct selection selection = {.all = true};
        ((char *)&selection)[at] = 1;
        if (selection_is_all(&selection))
            fail_msg("no row of selection.c has the field at byte %zu", at);
    }
}

TEST(a_single_sequence_is_recognized)
{
    static const struct {
        const char *words[3];
        uint64_t only;
    } cases[] = {{{NULL}, 0},  {{"12"}, 12},      {{"12-12"}, 12},
                 {{"1-2"}, 0}, {{"12", "12"}, 0}, {{"_12"}, 0}};
    FOR_EACH (example, cases) {
        struct selection selection = {0};
        struct error error = {0};
        for (size_t w = 0; example->words[w]; w++)
            assert_int_equal(selection_add(&selection, example->words[w], &error), 0);
        assert_int_equal(selection_only(&selection), example->only);
        selection_close(&selection);
    }
}

TEST(names_the_selector_that_is_invalid)
{
    struct error error = {0};
    assert_int_equal(selection_check(&(struct selection){0}, &error), 0);
    assert_int_equal(selection_check(&(struct selection){.subject = "a.*.>"}, &error), 0);
    assert_int_equal(selection_check(&(struct selection){.subject = "a..b"}, &error), -1);
    assert_non_null(strstr(error.text, "--subject 'a..b'"));
    assert_int_equal(selection_check(&(struct selection){.consumer = "a.b"}, &error), -1);
    assert_non_null(strstr(error.text, "--consumer 'a.b'"));
    assert_int_equal(error.exit_code, EX_USAGE);
}
