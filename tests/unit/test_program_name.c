#include "base/program_name.h"

#include "base/shell_word.h"

#include "unit.h"

static int both(const char *path)
{
    return path != NULL;
}

static int without_prefix(const char *path)
{
    return strstr(path, "natsq-") == NULL;
}

static const struct {
    const char *called, *program, *path;
    program_exists *exists;
} calls[] = {
    {"dlq", "dlq", "dlq", both},
    {"dlq", "consumer", "consumer", both},
    {"natsq-dlq", "dlq", "natsq-dlq", both},
    {"natsq-dlq", "publisher", "natsq-publisher", both},
    {"./bin/dlq", "dlq", "./bin/dlq", both},
    {"./bin/dlq", "consumer", "./bin/consumer", both},
    {"/opt/natsq-consumer", "dlq", "/opt/natsq-dlq", both},
    {"/opt/natsq-consumer", "dlq", "/opt/dlq", without_prefix},
    {"/opt/natsq-consumer", "consumer", "/opt/consumer", without_prefix},
    {"/usr/bin/other", "dlq", "dlq", both},
};

TEST(a_program_is_called_as_its_sibling_was)
{
    FOR_EACH (call, calls) {
        struct program_place place;
        char path[PROGRAM_CALL_MAX];
        program_place_read(&place, call->called);
        assert_string_equal(program_path(&place, call->program, call->exists, path), call->path);
    }
}

TEST(an_unknown_name_is_no_place)
{
    struct program_place place;
    assert_int_equal(program_place_read(&place, "/usr/bin/other"), 1);
    assert_string_equal(place.folder, "");
    assert_int_equal(program_place_read(&place, "x-dlq"), 0);
    assert_string_equal(place.prefix, "x-");
}

TEST(names_of_other_programs_stay)
{
    assert_string_equal(program_name("dlq"), "dlq"); /* this program has none of our names */
    assert_string_equal(program_name("tester"), "tester");
    assert_string_equal(program_call("curl"), "curl");
    assert_null(program_script("scripts/no-such-script"));
}

static const struct {
    const char *word, *quoted;
} words[] = {
    {"orders_stream", "orders_stream"},
    {"", "''"},
    {"orders.*", "'orders.*'"},
    {"a b", "'a b'"},
    {"$(reboot)", "'$(reboot)'"},
    {"it's", "'it'\\''s'"},
    {"a;b", "'a;b'"},
};

TEST(a_word_of_the_shell_is_quoted_where_it_must)
{
    FOR_EACH (word, words) {
        char text[SHELL_WORD_SIZE(32)];
        assert_string_equal(shell_word(word->word, text, sizeof text), word->quoted);
    }
}

TEST(a_word_that_does_not_fit_keeps_its_quotes)
{
    char text[12];
    assert_string_equal(shell_word("; rm something", text, sizeof text), "'; rm '");
}
