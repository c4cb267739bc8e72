#include "dlq_options.h"

#include "log_options.h"
#include "subject.h"
#include "verb.h"

#include <string.h>

#define AT(field) .at = offsetof(struct dlq_options, field)

static const struct option_row rows[] = {
    {"retries", "N", "how often a dead job is put back for fresh attempts before it is held", "3",
     NULL, "1", AT(retries), .least = 0, .most = 1000000, .kind = OPTION_NUMBER},
    {"max-attempts", "N", "with a COMMAND: how often it may fail before the letter is held", "5",
     NULL, "2", AT(max_attempts), .least = 1, .most = 10, .kind = OPTION_NUMBER},
    {"sweep-every", "D", "run: sweep as often; 0: never", "10m", NULL, "1m", AT(sweep_every),
     .kind = OPTION_DURATION},
    {"sweep-wait", "D",
     "between the two looks at a job that seems dead (5s; 2m where the origin is replicated)",
     "30s", AT(sweep_wait), .given = offsetof(struct dlq_options, sweep_wait_given),
     .kind = OPTION_DURATION},
    {"json", NULL, "list, sweep: one JSON object a line", AT(json), .kind = OPTION_FLAG},
    {"dry-run", NULL, "sweep: show what would be done and do nothing", AT(dry_run),
     .kind = OPTION_FLAG, .letter = 'n'},
    {0},
};

static const char usage[] = "DLQ_STREAM ORIGIN_STREAM [VERB] [options] [-- COMMAND [ARG...]]";

static const char summary[] =
    "Looks after the jobs of ORIGIN_STREAM that used up their attempts. The verbs:\n"
    "  run    collect each dead job as a letter in DLQ_STREAM and put it back for fresh attempts,\n"
    "         --retries times; after that it is held for a person (the default). With a COMMAND,\n"
    "         that is run for each letter instead: done, the job is gone; else it is held\n"
    "  list   a table of the letters, waiting and held\n"
    "  sweep  make letters of jobs that died unnoticed; `run` does it too, --sweep-every 1m";

static const char notes[] =
    "Several `run` share the load. SIGINT or SIGTERM ends it after what is in hand; a second one\n"
    "at once. A DLQ stream without the letter subjects works too: jobs are then put back straight\n"
    "from the server's advisory, and nothing can be held.\n"
    "Exit: 0 done, 64 usage, 69 no server, stream or consumer, 77 refused, 78 in conflict.\n";

static const char examples[] = "  dlq orders_unprocessed orders_stream\n"
                               "  dlq orders_unprocessed orders_stream run --retries 3\n"
                               "  dlq orders_unprocessed orders_stream -- ./repair.sh\n"
                               "  dlq orders_unprocessed orders_stream list --json\n";

static int check_stream(const char *what, const char *name, struct error *error)
{
    const char *fault = subject_name_fault(name);
    return fault ? error_set(error, EX_USAGE, "%s '%s' %s", what, name, fault) : 0;
}

static int take_words(struct dlq_options *options, struct error *error)
{
    const struct words *words = &options->words;
    char names[256];
    if (words->n < 2)
        return error_set(error, EX_USAGE,
                         "%s is missing: dlq %s, e.g. dlq orders_unprocessed orders_stream",
                         words->n == 0 ? "DLQ_STREAM" : "ORIGIN_STREAM", usage);
    options->stream = words->word[0];
    options->origin = words->word[1];
    if (check_stream("DLQ_STREAM", options->stream, error) < 0 ||
        check_stream("ORIGIN_STREAM", options->origin, error) < 0)
        return -1;
    if (strcmp(options->stream, options->origin) == 0)
        return error_set(error, EX_USAGE, "DLQ_STREAM and ORIGIN_STREAM are both '%s'",
                         options->stream);
    options->verb = verb_find(words->n > 2 ? words->word[2] : "run");
    if (!options->verb)
        return error_set(error, EX_USAGE, "unknown verb '%s'; there are %s", words->word[2],
                         verb_names(names, sizeof names));
    if (words->n > 3)
        return error_set(error, EX_USAGE, "'%s' is too much: dlq %s", words->word[3], usage);
    if (words->command && !options->verb->takes_command)
        return error_set(error, EX_USAGE, "%s takes no COMMAND", options->verb->name);
    options->handler.command = words->command;
    return handler_check(&options->handler, error);
}

int dlq_options_parse(struct dlq_options *options, int argc, char **argv, struct error *error)
{
    *options = (struct dlq_options){.log = {.program = "dlq", .least = LOG_LEVEL_INFO}};
    const struct program program = {
        .name = "dlq",
        .usage = usage,
        .summary = summary,
        .notes = notes,
        .examples = examples,
        .sets = {{"Options", rows, options},
                 {"Handler", handler_rows, &options->handler},
                 {"Log", log_rows, &options->log},
                 {"Connection", connection_rows, &options->connection}},
    };
    int result = options_parse(&program, argc, argv, &options->words, error);
    return result != 0 ? result : take_words(options, error);
}

void dlq_options_close(struct dlq_options *options)
{
    connection_options_close(&options->connection);
    words_close(&options->words);
}
