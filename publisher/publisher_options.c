#include "publisher_options.h"

#include "duration.h"
#include "log_options.h"
#include "subject.h"

#include <ctype.h>
#include <string.h>

#define AT(field) .at = offsetof(struct publisher_options, field)
#define GIVEN(field) .given = offsetof(struct publisher_options, field)

/* The server takes a protocol line of 4,096 bytes, which holds subject, reply and sizes. */
enum { SUBJECT_LONGEST = 2048, ID_PREFIX_LONGEST = 256 };

static const struct option_row source_rows[] = {
    {"lines", NULL, "a job a line, from each FILE in turn ('-' is stdin), or from stdin", AT(lines),
     .kind = OPTION_FLAG},
    {"count", "N", "without --lines: jobs to publish", "3", NULL, "20", AT(count),
     GIVEN(count_given), .least = 1, .most = INT64_MAX, .kind = OPTION_NUMBER, .letter = 'c'},
    {"interval", "D", "without --lines: time from one job to the next", "250ms", NULL, "1s",
     AT(interval), GIVEN(interval_given), .kind = OPTION_DURATION},
    {"body", "TEXT", "without --lines: the body; {n} stands for the job's number, from 0",
     "'resize {n}.png'", NULL, "order-{n}", AT(body), GIVEN(body_given), .kind = OPTION_TEXT},
    {0},
};

static const struct option_row rows[] = {
    {"id-prefix", "P",
     "the jobs' message ids are P-0, P-1, …; without it P is made up for each run", "batch-2026-11",
     AT(id_prefix), .kind = OPTION_TEXT},
    {"window", "N",
     "with --lines: jobs in flight, unconfirmed, at most; 1 keeps their order always", "1", NULL,
     "1024", AT(window), .least = 1, .most = 1000000, .kind = OPTION_NUMBER},
    {"retry-for", "D|forever", "how long a job is sent again before it is given up; 0: only once",
     "5m", NULL, "30s", AT(retry_for_text), .kind = OPTION_TEXT},
    {"grace", "D", "on a stop, how long to wait for what is in flight", "1m", NULL, "10s",
     AT(grace), .kind = OPTION_DURATION},
    {0},
};

static const char usage[] = "SUBJECT [options] [FILE...]";

static const char summary[] =
    "Publishes jobs to SUBJECT, each of them until the stream confirms that it has it. Without\n"
    "--lines: 20 jobs order-0, order-1, … one a second, each logged once it is confirmed.";

static const char notes[] =
    "A job that is not confirmed within --timeout is sent again. It carries a message id, so that\n"
    "the stream stores it once; a run repeated with the same input and --id-prefix within the\n"
    "stream's duplicate window (2m) stores nothing twice either. A stream that is full is waited\n"
    "for. Jobs land in the order of the input as long as none has to be sent again.\n"
    "With --lines an empty line is an empty job, and a last line without a newline counts; each\n"
    "job is logged with --log-level debug only. The summary counts duplicates (the stream had the\n"
    "job already) among the confirmed.\n"
    "SIGINT or SIGTERM ends it once what is in flight is confirmed; a second one at once.\n"
    "Exit: 0 all jobs confirmed, 64 usage, 66 a FILE cannot be read, 69 no server or stream,\n"
    "75 some jobs not confirmed or a stop before the end of the input, 77 refused, 78 unusable\n"
    "local file.\n";

static const char examples[] =
    "  publisher orders.new\n"
    "  publisher orders.new --count 1 --body '{\"order\": 17}'\n"
    "  publisher orders.new --lines orders.txt more.txt\n"
    "  find . -name '*.png' | publisher orders.resize --lines\n"
    "  publisher orders.new --lines --id-prefix monday orders.txt    safe to run again\n";

static int check_subject(const char *subject, struct error *error)
{
    const char *fault = subject_fault(subject);
    if (!fault && strlen(subject) > SUBJECT_LONGEST)
        fault = "is too long";
    return fault ? error_set(error, EX_USAGE, "SUBJECT '%.100s' %s", subject, fault) : 0;
}

static int take_words(struct publisher_options *options, struct error *error)
{
    const struct words *words = &options->words;
    if (words->n == 0)
        return error_set(error, EX_USAGE,
                         "SUBJECT is missing: publisher %s, e.g. publisher orders.new", usage);
    if (check_subject(words->word[0], error) < 0)
        return -1;
    if (words->command)
        return error_set(error, EX_USAGE, "publisher runs no command: leave out '-- %s'",
                         words->command[0]);
    options->subject = words->word[0];
    options->files = words->word + 1;
    options->n_files = words->n - 1;
    if (options->n_files > 0 && !options->lines)
        return error_set(error, EX_USAGE,
                         "FILE '%s' needs --lines, which makes each of its lines a job",
                         options->files[0]);
    return 0;
}

static int check_source(const struct publisher_options *options, struct error *error)
{
    const char *other = options->count_given      ? "--count"
                        : options->interval_given ? "--interval"
                        : options->body_given     ? "--body"
                                                  : NULL;
    if (options->lines && other)
        return error_set(error, EX_USAGE, "%s cannot go with --lines, which has jobs of its own",
                         other);
    return 0;
}

/* It becomes a header's value. */
static int check_id_prefix(const char *prefix, struct error *error)
{
    if (!prefix)
        return 0;
    if (strlen(prefix) > ID_PREFIX_LONGEST)
        return error_set(error, EX_USAGE, "--id-prefix takes at most %d bytes", ID_PREFIX_LONGEST);
    for (const char *at = prefix; *at; at++)
        if (isspace((unsigned char)*at) || iscntrl((unsigned char)*at))
            return error_set(error, EX_USAGE,
                             "--id-prefix may have no blank or control character in it");
    return 0;
}

static int parse_retry_for(struct publisher_options *options, struct error *error)
{
    options->retry_for = INT64_MAX;
    if (strcmp(options->retry_for_text, "forever") != 0 &&
        !duration_parse(options->retry_for_text, &options->retry_for))
        return error_set(error, EX_USAGE,
                         "--retry-for takes 'forever' or a duration such as 250ms, 5s, 2m or "
                         "1h30m, not '%s'",
                         options->retry_for_text);
    return 0;
}

int publisher_options_parse(struct publisher_options *options, int argc, char **argv,
                            struct error *error)
{
    *options = (struct publisher_options){.log = {.program = "publisher", .least = LOG_LEVEL_INFO}};
    const struct program program = {
        .name = "publisher",
        .usage = usage,
        .summary = summary,
        .notes = notes,
        .examples = examples,
        .sets = {{"Jobs", source_rows, options},
                 {"Publishing", rows, options},
                 {"Log", log_rows, &options->log},
                 {"Connection", connection_rows, &options->connection}},
    };
    int result = options_parse(&program, argc, argv, &options->words, error);
    if (result != 0)
        return result;
    if (take_words(options, error) < 0 || check_source(options, error) < 0 ||
        check_id_prefix(options->id_prefix, error) < 0 || parse_retry_for(options, error) < 0)
        return -1;
    return 0;
}

void publisher_options_close(struct publisher_options *options)
{
    connection_options_close(&options->connection);
    words_close(&options->words);
}
