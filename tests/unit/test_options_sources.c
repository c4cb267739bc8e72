/* Where options come from: command line, environment, default; and what is left of the line. */
#include "cli/options.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct values {
    bool flag, number_given;
    const char *text, *secret;
    int64_t number;
};

#define AT(field) .at = offsetof(struct values, field)

static const struct option_row rows[] = {
    {"flag", NULL, "a flag", AT(flag), .kind = OPTION_FLAG, .letter = 'f'},
    {"text", "TEXT", "a text", NULL, "TEST_TEXT", "fallback", AT(text), .kind = OPTION_TEXT,
     .letter = 't'},
    {"secret", "TEXT", "a secret", NULL, "TEST_SECRET", AT(secret), .kind = OPTION_SECRET,
     .letter = 'p'},
    {"number", "N", "a number", NULL, "TEST_NUMBER", "3", AT(number), .kind = OPTION_NUMBER,
     .given = offsetof(struct values, number_given), .least = 1, .most = 9},
    {0},
};

enum { ARGS_MAX = 16 };

struct run {
    struct values values;
    struct words words;
    struct error error;
    char *argv[ARGS_MAX + 1];
    int argc, result;
};

static struct run *parse(const char *line)
{
    struct run *run = calloc(1, sizeof *run);
    char *copy = strdup(line), *rest = copy;
    run->argv[run->argc++] = strdup("tester");
    for (char *word; (word = strsep(&rest, " "));)
        if (*word)
            run->argv[run->argc++] = strdup(word);
    free(copy);
    const struct program program = {
        .name = "tester", .examples = "", .sets = {{"First", rows, &run->values}}};
    run->result = options_parse(&program, run->argc, run->argv, &run->words, &run->error);
    return run;
}

static void run_close(struct run *run)
{
    words_close(&run->words);
    free((char *)(uintptr_t)run->values.secret);
    for (int i = 0; i < run->argc; i++)
        free(run->argv[i]);
    free(run);
}

CLEANUP_DEFINE(struct run *, cleanup_run, run_close)

/* "a b|c d": the words, then the command. */
static void join(const struct run *run, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < run->words.n; i++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", run->words.word[i]);
    assert_null(run->words.word[run->words.n]);
    for (char **word = run->words.command; word && *word; word++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 word == run->words.command ? "|" : " ", *word);
}

static void test_words_and_command(void **state)
{
    (void)state;
    static const struct {
        const char *line, *left;
        bool flag;
    } lines[] = {
        {"", "", false},
        {"a", "a", false},
        {"a b c", "a b c", false},
        {"-f a", "a", true},
        {"a -f b --text x c", "a b c", true},
        {"-", "-", false},
        {"a - b", "a - b", false},
        {"a -- cmd", "a|cmd", false},
        {"a -- cmd -f --flag x", "a|cmd -f --flag x", false},
        {"a -f -- cmd", "a|cmd", true},
        {"-- cmd", "|cmd", false},
        {"a -- -- b", "a|-- b", false},
        {"a -- cmd -- b", "a|cmd -- b", false},
        {"a -- --help", "a|--help", false},
        {"a -- --unknown", "a|--unknown", false},
        /* as an option's value it is a value */
        {"a --text --", "a", false},
        {"a -t --", "a", false},
        {"a --text -- b", "a b", false},
        {"a --text -- -- b", "a|b", false},
        {"a --text=-- b", "a b", false},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char left[256];
        _cleanup_(cleanup_run) struct run *run = parse(lines[i].line);
        if (run->result != 0)
            fail_msg("'%s': %s", lines[i].line, run->error.text);
        join(run, left, sizeof left);
        assert_string_equal(left, lines[i].left);
        assert_int_equal(run->values.flag, lines[i].flag);
    }
}

static void test_environment(void **state)
{
    (void)state;
    static const struct {
        const char *line, *variable;
        int64_t number;
        bool given;
    } lines[] = {
        {"", NULL, 3, false},         {"", "", 3, false}, /* empty is as good as unset */
        {"", "7", 7, false},          {"--number 8", "7", 8, true},
        {"--number 3", "7", 3, true}, {"--number 8", "junk", 8, true}, /* not looked at */
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (lines[i].variable)
            setenv("TEST_NUMBER", lines[i].variable, 1);
        _cleanup_(cleanup_run) struct run *run = parse(lines[i].line);
        unsetenv("TEST_NUMBER");
        assert_int_equal(run->result, 0);
        assert_int_equal(run->values.number, lines[i].number);
        assert_int_equal(run->values.number_given, lines[i].given);
    }
}

/* An error names the variable, which is where the user has to look. */
static void test_bad_environment(void **state)
{
    (void)state;
    setenv("TEST_NUMBER", "10", 1);
    _cleanup_(cleanup_run) struct run *run = parse("a");
    unsetenv("TEST_NUMBER");
    assert_int_equal(run->result, -1);
    assert_int_equal(run->error.exit_code, EX_USAGE);
    assert_string_equal(run->error.text, "TEST_NUMBER takes a whole number from 1 to 9, not '10'");
}

/* ps(1) shows argv: a secret is wiped from there and kept elsewhere, also when a later option is
 * wrong. */
static void test_secret_is_wiped(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "--secret hunter2 a",
        "--secret=hunter2 a",
        "-p hunter2 a",
        "-phunter2 a",
        "-fphunter2 a",
        "--secret hunter2 -- a",
        "a --secret hunter2",
        "--secret hunter2 --unknown",
        "--secret hunter2 --number x",

    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        _cleanup_(cleanup_run) struct run *run = parse(lines[i]);
        for (int at = 0; at < run->argc; at++)
            if (strstr(run->argv[at], "unter"))
                fail_msg("'%s' leaves '%s'", lines[i], run->argv[at]);
        if (run->result == 0)
            assert_string_equal(run->values.secret, "hunter2");
        assert_null(strstr(run->error.text, "unter"));
    }
}

static void test_secret_of_environment(void **state)
{
    (void)state;
    setenv("TEST_SECRET", "hunter2", 1);
    _cleanup_(cleanup_run) struct run *run = parse("a");
    unsetenv("TEST_SECRET");
    assert_string_equal(run->values.secret, "hunter2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_command),     cmocka_unit_test(test_environment),
        cmocka_unit_test(test_bad_environment),       cmocka_unit_test(test_secret_is_wiped),
        cmocka_unit_test(test_secret_of_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
