/* The sources of option values (command line, environment, default), and the rest of the line. */
#include "cli/options.h"

#include "option_line.h"

/* "a b|c d": the words, then the command. */
static void join(const struct run *run, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < run->arguments.n; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "",
                                 run->arguments.positional[i]);
    assert_null(run->arguments.positional[run->arguments.n]);
    for (char **word = run->arguments.command; word && *word; word++)
        used += (size_t)snprintf(text + used, size - used, "%s%s",
                                 word == run->arguments.command ? "|" : " ", *word);
}

TEST(words_and_command_are_what_is_left)
{
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
        /* the value of an option */
        {"a --text --", "a", false},
        {"a -t --", "a", false},
        {"a --text -- b", "a b", false},
        {"a --text -- -- b", "a|b", false},
        {"a --text=-- b", "a b", false},
    };
    FOR_EACH (each, lines) {
        char left[256];
        _cleanup_(cleanup_run) struct run *run = parse(each->line);
        if (run->result != 0)
            fail_msg("'%s': %s", each->line, run->error.text);
        join(run, left, sizeof left);
        assert_string_equal(left, each->left);
        assert_int_equal(run->values.flag, each->flag);
    }
}

TEST(the_command_line_overrides_the_environment)
{
    static const struct {
        const char *line, *variable;
        int64_t number;
        bool given;
    } lines[] = {
        {"", NULL, 3, false},         {"", "", 3, false}, /* empty counts as unset */
        {"", "7", 7, false},          {"--number 8", "7", 8, true},
        {"--number 3", "7", 3, true}, {"--number 8", "junk", 8, true}, /* not looked at */
    };
    FOR_EACH (each, lines) {
        if (each->variable)
            setenv("TEST_NUMBER", each->variable, 1);
        _cleanup_(cleanup_run) struct run *run = parse(each->line);
        unsetenv("TEST_NUMBER");
        assert_int_equal(run->result, 0);
        assert_int_equal(run->values.number, each->number);
        assert_int_equal(run->values.number_given, each->given);
    }
}

TEST(a_usage_error_names_the_variable)
{
    setenv("TEST_NUMBER", "101", 1);
    _cleanup_(cleanup_run) struct run *run = parse("a");
    unsetenv("TEST_NUMBER");
    assert_int_equal(run->result, -1);
    assert_int_equal(run->error.exit_code, EX_USAGE);
    assert_string_equal(run->error.text,
                        "TEST_NUMBER takes a whole number from -5 to 100, not '101'");
}

/* ps(1) shows argv. A secret is wiped even if a later option is wrong. */
TEST(a_secret_is_wiped_from_the_command_line)
{
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
    FOR_EACH (line, lines) {
        _cleanup_(cleanup_run) struct run *run = parse(*line);
        for (int at = 0; at < run->argc; at++)
            if (strstr(run->argv[at], "unter"))
                fail_msg("'%s' leaves '%s'", *line, run->argv[at]);
        if (run->result == 0)
            assert_string_equal(run->values.secret, "hunter2");
        assert_null(strstr(run->error.text, "unter"));
    }
}

TEST(a_secret_may_come_from_the_environment)
{
    setenv("TEST_SECRET", "hunter2", 1);
    _cleanup_(cleanup_run) struct run *run = parse("a");
    unsetenv("TEST_SECRET");
    assert_string_equal(run->values.secret, "hunter2");
}
