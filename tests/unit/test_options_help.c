/* What --help and --version print for a table of this test and for those that the programs share.
 */
#include "cli/log_options.h"
#include "cli/options.h"
#include "handler/handler_options.h"
#include "nats/connection.h"

#include "base/cleanup.h"

#include "unit.h"

#include <unistd.h>

enum { TEXT_SIZE = 64 * 1024 };

struct values {
    bool flag;
    int64_t number;
};

static const char long_help[] =
    "a help that is so long that it has to be wrapped, because no terminal is as wide as all that "
    "is said here, and whose last word is ultimate";

static const struct option_row rows[] = {
    {"flag", NULL, "a flag", .offset = offsetof(struct values, flag), .kind = OPTION_FLAG,
     .short_name = 'f'},
    {"number", "N", "a number", "5", "TEST_N", "3", .offset = offsetof(struct values, number),
     .kind = OPTION_NUMBER, .short_name = 'n'},
    {"an-option-with-a-long-name", "WITH-A-LONG-VALUE", long_help, .kind = OPTION_TEXT},
    {0},
};

static const struct program program = {
    .name = "tester",
    .usage = "WORD [options]",
    .summary = "What it is for.",
    .notes = "A note.\nAnother note, which is so long that it has to be wrapped, and ends with "
             "-- COMMAND.\n",
    .examples = "  tester --flag\n",
    .sets = {{"First", rows, NULL},
             {"Log", log_rows, NULL},
             {"Handler", handler_rows, NULL},
             {"Connection", connection_rows, NULL}},
};

/* Parses one argument; returns the result and in `text` what was printed. */
static int print(const char *argument, char text[TEXT_SIZE])
{
    struct values values = {0};
    struct arguments arguments = {0};
    struct error error = {0};
    struct program with_values = program;
    char *argv[] = {strdup("tester"), strdup(argument), strdup("--unknown"), NULL};
    with_values.sets[0].values = &values;
    _cleanup_(cleanup_file) FILE *file = tmpfile();
    fflush(stdout);
    _cleanup_(cleanup_fd) int kept = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    int result = options_parse(&with_values, 3, argv, &arguments, &error);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    rewind(file);
    text[fread(text, 1, TEXT_SIZE - 1, file)] = '\0';
    arguments_close(&arguments);
    for (int i = 0; i < 3; i++)
        free(argv[i]);
    return result;
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("--help does not say \"%s\"", part);
}

TEST(help_has_every_part)
{
    char text[TEXT_SIZE];
    assert_int_equal(print("--help", text), 1);
    static const char *const parts[] = {
        "Usage: tester WORD [options]\n\nWhat it is for.\n",
        "\nFirst:\n",
        "\nLog:\n",
        "\nHandler:\n",
        "\nConnection:\n",
        "\n  -f, --flag ",
        " a flag\n",
        "\n  -n, --number N ",
        "a number, e.g. --number 5 (default 3) [TEST_N]\n",
        "\n      --an-option-with-a-long-name WITH-A-LONG-VALUE\n",
        "\n  -h, --help ",
        "\n      --version ",
        "\nA note.\nAnother note,",
        "ends with\n-- COMMAND.\n",
        "\nExamples:\n  tester --flag\n",
    };
    FOR_EACH (part, parts)
        assert_says(text, *part);
}

static void assert_row(const char *text, const struct option_row *row)
{
    char part[256];
    snprintf(part, sizeof part, row->implied_value ? "--%s[=%s]" : "--%s %s", row->name,
             row->value_name ? row->value_name : "");
    const char *at = strstr(text, part);
    if (!at)
        fail_msg("--help does not say \"%s\"", part);
    assert_true(at - text > 6 && at[-1] == ' ');
    assert_int_equal(at[-3], row->short_name ? row->short_name : ' ');
    if (row->environment) {
        snprintf(part, sizeof part, "[%s]", row->environment);
        assert_says(text, part);
    }
}

/* With its letter, value and variable. The tables are consistent: an option with a value names it,
 * and no letter is used twice. */
TEST(help_lists_every_option)
{
    char text[TEXT_SIZE];
    bool letters[128] = {['h'] = true};
    print("-h", text);
    for (const struct option_set *set = program.sets; set->rows; set++)
        for (const struct option_row *row = set->rows; row->name; row++) {
            assert_row(text, row);
            assert_true(row->help && *row->help);
            assert_int_equal(row->kind == OPTION_FLAG, row->value_name == NULL);
            assert_false(row->short_name && letters[(unsigned char)row->short_name]);
            letters[(unsigned char)row->short_name] = row->short_name != 0;
        }
}

TEST(help_is_wrapped_without_losing_a_word)
{
    char text[TEXT_SIZE], words[sizeof long_help];
    print("--help", text);
    memcpy(words, long_help, sizeof words);
    const char *at = strstr(text, "--an-option-with-a-long-name");
    for (char *rest = words, *word; (word = strsep(&rest, " "));) {
        at = strstr(at, word);
        assert_non_null(at);
    }
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (strlen(line) > 80)
            fail_msg("a line of %zu: %s", strlen(line), line);
        if (*line && line[strlen(line) - 1] == ' ')
            fail_msg("blanks at the end of '%s'", line);
    }
}

TEST(version_is_printed)
{
    char text[TEXT_SIZE];
    assert_int_equal(print("--version", text), 1);
    assert_memory_equal(text, "tester (natsq) ", strlen("tester (natsq) "));
    assert_int_equal(text[strlen(text) - 1], '\n');
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}
