#include "tables/letter_summary.h"

#include "base/duration.h"

#include "unit.h"

static const int64_t now = 1000 * DURATION_HOUR;

static void add(struct letter_summary *summary, const char *reason, int times, int64_t ago)
{
    const struct letter letter = {.reason = reason, .died_at = now - ago};
    for (int i = 0; i < times; i++)
        letter_summary_add(summary, &letter);
}

static void assert_says(const struct letter_summary *summary, const char *expected)
{
    char text[SUMMARY_TEXT_MAX];
    assert_string_equal(letter_summary_text(summary, now, text), expected);
}

TEST(the_most_frequent_reasons_come_first)
{
    struct letter_summary summary = {0};
    add(&summary, "hopeless", 2, DURATION_HOUR);
    add(&summary, "signal 9", 1, 90 * DURATION_HOUR);
    add(&summary, "exit 1", 38, 20 * DURATION_S);
    add(&summary, "timeout 30s", 9, DURATION_MINUTE);
    add(&summary, "exit 3", 1, DURATION_HOUR);
    assert_int_equal(summary.n, 51);
    assert_says(&summary, "38 exit 1, 9 timeout 30s, 2 hopeless, 2 other\n"
                          "oldest death 3d18h ago, newest 20s ago\n");
}

TEST(few_letters_need_few_words)
{
    struct letter_summary summary = {0};
    assert_says(&summary, "");
    add(&summary, "exit 1", 1, 3 * DURATION_MINUTE);
    assert_says(&summary, "1 exit 1\ndied 3m ago\n");
    add(&summary, "exit 1", 1, 2 * DURATION_MINUTE);
    assert_says(&summary, "2 exit 1\noldest death 3m ago, newest 2m ago\n");
}

TEST(any_number_of_reasons_is_summed_up)
{
    struct letter_summary summary = {0};
    char reason[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(reason, sizeof reason, "exit %d", i);
        add(&summary, reason, 1, DURATION_S);
    }
    add(&summary, "exit 0", 5, DURATION_S);
    assert_says(&summary, "6 exit 0, 1 exit 1, 1 exit 2, 997 other\n"
                          "oldest death 1s ago, newest 1s ago\n");
}

TEST(a_reason_cannot_control_the_terminal_and_is_cut)
{
    struct letter_summary summary = {0};
    char text[SUMMARY_TEXT_MAX], longest[300];
    add(&summary, "\x1b[2J\n", 1, DURATION_S);
    assert_says(&summary, "1 \\x1b[2J\\n\ndied 1s ago\n");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    add(&summary, longest, 9, DURATION_S);
    memset(longest, '\x1b', sizeof longest - 1);
    add(&summary, longest, 8, DURATION_S);
    letter_summary_text(&summary, now, text);
    assert_true(strncmp(text, "9 xxxxxxxx", 10) == 0 && strstr(text, "…, 8 \\x1b\\x1b"));
    assert_null(strchr(text, '\x1b'));
}
