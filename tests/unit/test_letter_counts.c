#include "letters/letter_counts.h"

#include "unit.h"

enum { A = READ_ANNOUNCED, W = READ_WAITING, H = READ_HELD };

static const struct row {
    uint64_t announced, waiting, held;
    unsigned states;
    const char *expected;
} rows[] = {
    {0, 0, 3, H, "3 held"},
    {0, 0, 0, H, "0 held"},
    {5, 5, 0, H, "0 held"},
    {2, 3, 9, A | W, "2 announced, 3 waiting"},
    {2, 0, 9, A | W, "2 announced"},
    {0, 3, 9, A | W, "3 waiting"},
    {0, 0, 9, A | W, "0 waiting"},
    {1, 2, 3, A | W | H, "1 announced, 2 waiting, 3 held"},
    {UINT64_MAX, UINT64_MAX, UINT64_MAX, A | W | H,
     "18446744073709551615 announced, 18446744073709551615 waiting, 18446744073709551615 held"},
};

TEST(names_the_states_that_have_letters)
{
    (void)state;
    char text[LETTER_COUNTS_TEXT_MAX];
    FOR_EACH (row, rows) {
        const struct letter_counts counts = {.n = {row->announced, row->waiting, row->held}};
        assert_string_equal(letter_counts_text(&counts, row->states, text), row->expected);
    }
}

TEST(counts_by_state_and_finds_the_oldest)
{
    (void)state;
    static const struct letter_entry entries[] = {
        {.state = LETTER_HELD, .letter = {.died_at = 7}},
        {.state = LETTER_ANNOUNCED, .letter = {.died_at = 5}},
        {.state = LETTER_HELD, .letter = {.died_at = 6}},
    };
    struct letter_counts counts = {0};
    FOR_EACH (entry, entries)
        letter_counts_add(&counts, entry);
    assert_int_equal(counts.n[LETTER_ANNOUNCED], 1);
    assert_int_equal(counts.n[LETTER_WAITING], 0);
    assert_int_equal(counts.n[LETTER_HELD], 2);
    assert_int_equal(letter_counts_total(&counts), 3);
    assert_int_equal(counts.oldest, 5);
}

TEST(an_unknown_number_is_a_question_mark)
{
    (void)state;
    char text[LETTER_COUNT_TEXT_MAX];
    struct letter_counts counts = {.n = {4}, .is_complete = true};
    assert_string_equal(letter_counts_announced(&counts, text), "4");
    counts.is_complete = false;
    assert_string_equal(letter_counts_announced(&counts, text), "?");
}
