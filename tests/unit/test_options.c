#include "cli/options.h"

#include "base/duration.h"

#include "option_line.h"

TEST(options_have_their_defaults)
{
    _cleanup_(cleanup_run) struct run *run = parse("");
    assert_int_equal(run->result, 0);
    assert_false(run->values.flag || run->values.number_given);
    assert_string_equal(run->values.text, "fallback");
    assert_null(run->values.secret);
    assert_null(run->values.server);
    assert_int_equal(run->values.number, 3);
    assert_int_equal(run->values.duration, 5 * DURATION_S);
    assert_int_equal(run->values.choice, 0);
    assert_int_equal(run->arguments.n, 0);
    assert_null(run->arguments.positional[0]);
    assert_null(run->arguments.command);
}

TEST(each_kind_of_value_is_parsed)
{
    _cleanup_(cleanup_run) struct run *run =
        parse("--flag --text=a=b --secret pw --number -5 --wait 1h30m --backoff 1s,2m,250ms "
              "--fraction 0.25 --rate 1.5 --colour green -s nats://x");
    assert_int_equal(run->result, 0);
    assert_true(run->values.flag && run->values.number_given);
    assert_string_equal(run->values.text, "a=b");
    assert_string_equal(run->values.secret, "pw");
    assert_int_equal(run->values.number, -5);
    assert_int_equal(run->values.duration, 90 * DURATION_MINUTE);
    assert_int_equal(run->values.durations.n, 3);
    assert_int_equal(run->values.durations.ns[2], 250 * DURATION_MS);
    assert_true(run->values.fraction > 0.2499 && run->values.fraction < 0.2501);
    assert_true(run->values.rate > 1.4999 && run->values.rate < 1.5001);
    assert_int_equal(run->values.choice, 1);
    assert_string_equal(run->values.server, "nats://x");
}

TEST(a_value_may_be_optional)
{
    static const struct {
        const char *line;
        int mode;
        size_t words;
        bool has_command;
    } lines[] = {
        {"", 0, 0, false},
        {"--mode", 1, 0, false},
        {"--mode=slow", 1, 0, false},
        {"--mode=fast", 2, 0, false},
        {"--mode word", 1, 1, false},
        {"word --mode -- fast", 1, 1, true},
        {"--mode -f", 1, 0, false},
    };
    FOR_EACH (each, lines) {
        _cleanup_(cleanup_run) struct run *run = parse(each->line);
        if (run->result != 0 || run->values.mode != each->mode || run->arguments.n != each->words ||
            (run->arguments.command != NULL) != each->has_command)
            fail_msg("'%s' gives %d, mode %d, %zu words", each->line, run->result, run->values.mode,
                     run->arguments.n);
    }
}

static const char *const usage_errors[][2] = {
    /* unknown, with the nearest */
    {"--flog", "'--flog'; did you mean '--flag'?"},
    {"--txet x", "did you mean '--text'?"},
    {"--colr=red", "unknown option '--colr'; did you mean '--colour'?"},
    {"--hlep", "did you mean '--help'?"},
    {"--verison", "did you mean '--version'?"},
    {"--nothing-like-it", "unknown option '--nothing-like-it' (see --help)"},
    {"-x", "unknown option '-x'"},
    {"-fx", "unknown option '-x'"},
    {"word --flog", "'--flog'"},
    /* no value, or one too much */
    {"--text", "--text needs a value: --text TEXT"},
    {"--number", "--number needs a value: --number N"},
    {"-n", "--number needs a value: --number N"},
    {"-s", "--server needs a value: --server URL"},
    {"--flag=yes", "--flag takes no value"},
    {"--help=yes", "--help takes no value"},
    {"--text=", "--text must not be empty"},
    {"--text ''", "--text must not be empty"},
    {"--secret ''", "--secret must not be empty"},
    /* twice */
    {"--text a --text b", "--text is given twice"},
    {"-n 1 --number 2", "--number is given twice"},
    {"-ff", "--flag is given twice"},
    {"--secret a --secret b", "--secret is given twice"},
    /* values */
    {"--number x", "--number takes a whole number from -5 to 100, not 'x'"},
    {"--number 5x", "not '5x'"},
    {"--number 1.0", "not '1.0'"},
    {"--number 1e1", "not '1e1'"},
    {"--number 0x1", "not '0x1'"},
    {"--number _5", "not ' 5'"},
    {"--number 5_", "not '5 '"},
    {"--number +5", "not '+5'"},
    {"--number ''", "not ''"},
    {"--number -6", "from -5 to 100"},
    {"-n101", "from -5 to 100"},
    {"--number 99999999999999999999", "from -5 to 100"},
    {"--wait 5", "--wait takes a duration such as 250ms, 5s, 2m or 1h30m, not '5'"},
    {"--wait -5s", "not '-5s'"},
    {"--wait 0s", "--wait must be longer than 0"},
    {"--backoff 1s,", "--backoff takes a duration"},
    {"--backoff 1s,,2s", "--backoff takes a duration"},
    {"--backoff ''", "--backoff takes a duration"},
    {"--fraction 1.1", "--fraction takes a number from 0 to 1, not '1.1'"},
    {"--fraction -0.1", "not '-0.1'"},
    {"--fraction nan", "not 'nan'"},
    {"--fraction 0,5", "not '0,5'"},
    {"--fraction 0x1p-1", "not '0x1p-1'"},
    {"--fraction _0.5", "not ' 0.5'"},
    {"--rate 0", "--rate takes a number per second from 0.00001 to 1000000000, not '0'"},
    {"--rate 0.000009", "from 0.00001 to 1000000000, not '0.000009'"},
    {"--rate 0.00000000000000000000001", "not '0.00000000000000000000001'"},
    {"--rate 1000000001", "not '1000000001'"},
    {"--rate 1e3", "not '1e3'"},
    {"--rate -1", "not '-1'"},
    {"--rate nan", "not 'nan'"},
    {"--rate inf", "not 'inf'"},
    {"--rate 1x", "not '1x'"},
    {"--colour blue", "--colour takes red|green, not 'blue'"},
    {"--colour RED", "not 'RED'"},
    {"--colour ''", "not ''"},
    {"--mode fast", "the value of --mode follows a '=': --mode=fast"},
    {"--mode=quick", "--mode takes slow|fast, not 'quick'"},
    {"--mode=", "--mode takes slow|fast, not ''"},
    {"--mode --mode=fast", "--mode is given twice"},
    {"word --", "no COMMAND follows '--'"},
};

TEST(a_usage_error_says_what_is_wrong)
{
    FOR_EACH (each, usage_errors) {
        _cleanup_(cleanup_run) struct run *run = parse((*each)[0]);
        if (run->result != -1 || run->error.exit_code != EX_USAGE ||
            !strstr(run->error.text, (*each)[1]))
            fail_msg("'%s' gives %d, %d, \"%s\", not \"%s\"", (*each)[0], run->result,
                     run->error.exit_code, run->error.text, (*each)[1]);
    }
}

TEST(a_list_of_durations_has_a_limit)
{
    char line[512] = "--backoff 1s";
    for (int i = 1; i <= OPTION_DURATIONS_MAX; i++) {
        _cleanup_(cleanup_run) struct run *run = parse(line);
        assert_int_equal(run->result, 0);
        assert_int_equal(run->values.durations.n, i);
        strcat(line, ",1s");
    }
    _cleanup_(cleanup_run) struct run *run = parse(line);
    assert_string_equal(run->error.text, "--backoff takes at most 64 durations");
}
