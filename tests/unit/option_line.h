/* option_line: a table with an option of each kind, and the parsing of a command line with it. */
#ifndef NATSQ_OPTION_LINE_H
#define NATSQ_OPTION_LINE_H

#include "base/cleanup.h"
#include "cli/options.h"

#include "unit.h"

struct values {
    bool flag, number_given;
    const char *text, *secret;
    int64_t number, duration;
    struct option_durations durations;
    double fraction, rate;
    int choice, mode;
    const char *server; /* of the second set */
};

#define AT(field) .offset = offsetof(struct values, field)

static const char *const colours[] = {"red", "green", NULL};
static const char *const modes[] = {"off", "slow", "fast", NULL};

static const struct option_row rows[] = {
    {"flag", NULL, "a flag", AT(flag), .kind = OPTION_FLAG, .short_name = 'f'},
    {"text", "TEXT", "a text", "hello", "TEST_TEXT", "fallback", AT(text), .kind = OPTION_TEXT,
     .short_name = 't'},
    {"secret", "TEXT", "a secret", NULL, "TEST_SECRET", AT(secret), .kind = OPTION_SECRET,
     .short_name = 'p'},
    {"number", "N", "a number", "5", "TEST_NUMBER", "3", AT(number), .kind = OPTION_NUMBER,
     .given_offset = offsetof(struct values, number_given), .min = -5, .max = 100,
     .short_name = 'n'},
    {"wait", "D", "a duration", "2m", NULL, "5s", AT(duration), .kind = OPTION_DURATION, .min = 1},
    {"backoff", "D[,D...]", "durations", AT(durations), .kind = OPTION_DURATIONS},
    {"fraction", "F", "a fraction", AT(fraction), .kind = OPTION_FRACTION},
    {"rate", "R", "a rate", AT(rate), .kind = OPTION_RATE},
    {"colour", "red|green", "a choice", "green", NULL, "red", colours, AT(choice),
     .kind = OPTION_CHOICE},
    {"mode", "slow|fast", "a choice that may be left out", "fast", AT(mode), .choices = modes,
     .implied_value = "slow", .kind = OPTION_CHOICE},
    {0},
};

static const struct option_row more_rows[] = {
    {"server", "URL", "the server", AT(server), .kind = OPTION_TEXT, .short_name = 's'},
    {0},
};

enum { ARGS_MAX = 24 };

/* One run of the parser on a line of its own; its arguments are copies, because the parser may
 * change argv. */
struct run {
    struct values values;
    struct arguments arguments;
    struct error error;
    char *argv[ARGS_MAX + 1];
    int argc, result;
};

static struct program program_of(struct values *values)
{
    return (struct program){
        .name = "tester",
        .usage = "WORD [options]",
        .summary = "What it is for.",
        .notes = "A note.\n",
        .examples = "  tester --flag\n",
        .sets = {{"First", rows, values}, {"Second", more_rows, values}},
    };
}

/* `line` is split at blanks; `''` stands for an empty argument, `_` for a blank. */
static struct run *parse(const char *line)
{
    struct run *run = calloc(1, sizeof *run);
    char *copy = strdup(line), *rest = copy;
    run->argv[run->argc++] = strdup("tester");
    for (char *word; (word = strsep(&rest, " "));) {
        if (!*word)
            continue;
        assert_true(run->argc < ARGS_MAX);
        for (char *at = word; (at = strchr(at, '_'));)
            *at = ' ';
        run->argv[run->argc++] = strdup(strcmp(word, "''") == 0 ? "" : word);
    }
    free(copy);
    const struct program program = program_of(&run->values);
    run->result = options_parse(&program, run->argc, run->argv, &run->arguments, &run->error);
    return run;
}

static void run_close(struct run *run)
{
    arguments_close(&run->arguments);
    free((char *)(uintptr_t)run->values.secret);
    for (int i = 0; i < run->argc; i++)
        free(run->argv[i]);
    free(run);
}

CLEANUP_DEFINE(struct run *, cleanup_run, run_close)

#endif
