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
     .job_id = "order-12",
     .died_at = 1000 * DURATION_HOUR - 2 * DURATION_HOUR},
    {.seq = 40,
     .subject = "orders.returned.late",
     .consumer = "other",
     .reason = "timeout 30s",
     .died_at = 1000 * DURATION_HOUR - DURATION_MINUTE},
    {.seq = 7, .reason = "unreadable", .died_at = 1000 * DURATION_HOUR - DURATION_HOUR},
};

enum { FIRST = 1, SECOND = 2, UNREADABLE = 4, ALL = 7 };

static const char binary[] = "\x00\xff order 4711\n";

static const struct stored {
    enum letter_state state;
    const char *headers[8]; /* name, value, … */
    const char *body;
    int length;
} stored[] = {
    {LETTER_HELD,
     {"Tenant", "acme", "Tenant", "acme-eu", "Natsq-Was-Nats-Msg-Id", "id-7"},
     "{\"order\": 4711}",
     15},
    {LETTER_WAITING, {"tenant", "other"}, binary, sizeof binary - 1},
    {LETTER_ANNOUNCED, {NULL}, "", 0},
};

static const char *tenant[] = {"Tenant: acme*"}, *lower[] = {"tenant:*"}, *eu[] = {"TENANT: *-eu"},
                  *none[] = {"Ten: *"}, *both[] = {"Tenant: acme", "Tenant: acme-eu"},
                  *differ[] = {"Tenant: acme", "Tenant: other"}, *id[] = {"Nats-Msg-Id: id-?"};

#define HEADERS(texts)                                                                             \
    {                                                                                              \
        texts, LENGTH(texts)                                                                       \
    }

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
    {{NULL}, {.newer_than = DURATION_MINUTE}, SECOND},
    {{NULL}, {.newer_than = DURATION_HOUR}, SECOND | UNREADABLE},
    {{NULL}, {.newer_than = DURATION_S}, 0},
    {{NULL}, {.newer_than = DURATION_HOUR, .older_than = DURATION_MINUTE}, UNREADABLE},
    {{NULL}, {.job_id = "order-*"}, FIRST},
    {{NULL}, {.job_id = ""}, SECOND | UNREADABLE},
    {{NULL}, {.body = "*4711*"}, FIRST | SECOND},
    {{NULL}, {.body = "4711"}, 0},
    {{NULL}, {.body = "*4711?"}, FIRST | SECOND},
    {{NULL}, {.body = ""}, UNREADABLE},
    {{NULL}, {.headers = HEADERS(tenant)}, FIRST},
    {{NULL}, {.headers = HEADERS(lower)}, FIRST | SECOND},
    {{NULL}, {.headers = HEADERS(eu)}, FIRST},
    {{NULL}, {.headers = HEADERS(none)}, 0},
    {{NULL}, {.headers = HEADERS(both)}, FIRST},
    {{NULL}, {.headers = HEADERS(differ)}, 0},
    {{NULL}, {.headers = HEADERS(id)}, FIRST},
    {{NULL}, {.state = "held"}, FIRST},
    {{NULL}, {.state = "waiting,held"}, FIRST | SECOND},
    {{NULL}, {.state = "announced"}, UNREADABLE},
    /* several selectors */
    {{"1-99"}, {.reason = "exit *", .consumer = "processor"}, FIRST},
    {{"1-99"}, {.reason = "exit *", .consumer = "other"}, 0},
    {{"40"}, {.all = true}, SECOND},
};

static void store(const struct stored *from, struct job *message)
{
    assert_int_equal(natsMsg_Create(&message->message, "s", NULL, from->body, from->length),
                     NATS_OK);
    for (size_t i = 0; from->headers[i]; i += 2)
        assert_int_equal(
            natsMsgHeader_Add(message->message, from->headers[i], from->headers[i + 1]), NATS_OK);
}

static int matching(const struct selection *selection, const struct job *messages)
{
    int matched = 0;
    for (int l = 0; l < 3; l++) {
        const struct selectable item = {&letters[l], stored[l].state, &messages[l], &messages[l]};
        if (selection_matches(selection, &item, now))
            matched |= 1 << l;
    }
    return matched;
}

TEST(each_selector_narrows_the_selection)
{
    struct job messages[3] = {0};
    for (int l = 0; l < 3; l++)
        store(&stored[l], &messages[l]);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct selection selection = rows[i].selection;
        struct error error = {0};
        for (size_t w = 0; rows[i].words[w]; w++)
            assert_int_equal(selection_add(&selection, rows[i].words[w], &error), 0);
        int matched = matching(&selection, messages);
        if (matched != rows[i].matched)
            fail_msg("row %zu: matched %d, not %d", i, matched, rows[i].matched);
        selection.headers = (struct option_texts){0};
        selection_close(&selection);
    }
    for (int l = 0; l < 3; l++)
        job_clear(&messages[l]);
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
    struct selection selection = {0};
    assert_true(selection_is_empty(&selection));
    assert_false(selection_is_all(&selection));
    assert_int_equal(selection_add(&selection, "5", &error), 0);
    assert_false(selection_is_empty(&selection));
    selection_close(&selection);
    assert_false(selection_is_empty(&(struct selection){.all = true}));
    assert_true(selection_is_all(&(struct selection){.all = true, .limit = 5}));
}

TEST(a_limit_alone_selects_the_first_of_all)
{
    const struct selection selection = {.limit = 5};
    assert_false(selection_is_empty(&selection));
    assert_true(selection_is_all(&selection));
}

TEST(the_states_are_all_unless_some_are_given)
{
    assert_int_equal(selection_states(&(struct selection){0}), 7);
    assert_int_equal(selection_states(&(struct selection){.state = "held"}), 1 << LETTER_HELD);
    static const char *const malformed[] = {"",   ",", "held,", ",held", "Held", "held waiting",
                                            "all"};
    FOR_EACH (list, malformed)
        assert_int_equal(letter_states_parse(*list), 0);
    for (int each = 0; each < LETTER_STATES; each++)
        assert_int_equal(letter_states_parse(letter_state_name((enum letter_state)each)),
                         1 << each);
}

TEST(a_sequence_that_selects_nothing_is_named_but_not_a_range)
{
    struct selection selection = {0};
    struct error error = {0};
    static const char *const words[] = {"12", "13", "7", "_7", "_8", "500-600"};
    bool found[LENGTH(words)] = {false};
    char text[200];
    FOR_EACH (word, words)
        assert_int_equal(selection_add(&selection, *word, &error), 0);
    for (int l = 0; l < 3; l++)
        selection_note(&selection, &letters[l], found);
    assert_int_equal(selection_missing(&selection, found, text, sizeof text), 3);
    assert_string_equal(text, "# 13, # 7, # _8");
    selection_close(&selection);
}

TEST(of_many_missing_sequences_the_first_are_named)
{
    struct selection selection = {0};
    struct error error = {0};
    bool found[30] = {false};
    char word[16], text[200];
    for (int i = 1; i <= 30; i++) {
        snprintf(word, sizeof word, "%d", i);
        assert_int_equal(selection_add(&selection, word, &error), 0);
    }
    assert_int_equal(selection_missing(&selection, found, text, sizeof text), 30);
    assert_non_null(strstr(text, "# 10 and 20 more"));
    selection_close(&selection);
}

/* A selector that does not count beside --all would make `discard` purge every letter. */
TEST(a_selector_that_is_given_is_never_every_letter_and_never_none)
{
    for (size_t i = 0; i < selectors_n; i++) {
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
            fail_msg("no row of selectors.c has the field at byte %zu", at);
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
    static const char *headers[] = {"Tenant: x", "Tenant"}, *unnamed[] = {": x"},
                      *blank[] = {"A B: x"};
    static const struct selection malformed[] = {
        {.headers = HEADERS(headers)}, {.headers = HEADERS(unnamed)}, {.headers = HEADERS(blank)}};
    FOR_EACH (each, malformed)
        assert_int_equal(selection_check(each, &error), -1);
    assert_int_equal(selection_check(&malformed[0], &error), -1);
    assert_non_null(strstr(error.text, "--header 'Tenant'"));
    assert_int_equal(selection_check(&(struct selection){.state = "hold"}, &error), -1);
    assert_non_null(strstr(error.text, "--state 'hold'"));
}
