#include "dlq_options.h"

#include "base/subject.h"
#include "cli/log_options.h"
#include "handler/executable.h"
#include "letter/reserved_subjects.h"
#include "verb.h"

#include <string.h>
#include <unistd.h>

#define AT(field) .at = offsetof(struct dlq_options, field)
#define AT_GIVEN(field) offsetof(struct dlq_options, given.field)
#define GIVEN(field) .given = AT_GIVEN(field)

static const char *const groupings[] = {"all", "reason", "consumer", "subject",
                                        "age", "error",  NULL};

static const struct option_row rows[] = {
    {"retries", "N",
     "run without a COMMAND: how often a dead job is put back for fresh attempts before it is held",
     "3", NULL, "1", AT(retries), GIVEN(retries), .least = 0, .most = 1000000,
     .kind = OPTION_NUMBER},
    {"max-attempts", "N", "run with a COMMAND: how often it may fail before the letter is held",
     "5", NULL, "2", AT(max_attempts), GIVEN(max_attempts), .least = 1, .most = 10,
     .kind = OPTION_NUMBER},
    {"sweep-every", "D", "run: sweep as often; 0: never", "10m", NULL, "1m", AT(sweep_every),
     GIVEN(sweep_every), .kind = OPTION_DURATION},
    {"sweep-wait", "D",
     "run, sweep: between the two looks at a job that seems dead (5s; 2m where the origin is "
     "replicated)",
     "30s", AT(sweep_wait), .given = offsetof(struct dlq_options, sweep_wait_given),
     .kind = OPTION_DURATION},
    {"json", NULL, "one JSON object a line: of each letter, or of what was done about it", AT(json),
     GIVEN(json), .kind = OPTION_FLAG},
    {"raw", NULL, "show: the body alone, byte by byte", AT(raw), GIVEN(raw), .kind = OPTION_FLAG},
    {"by", "reason|consumer|subject|age|error",
     "stats: this alone; errors are counted together when they differ in numbers, ids and paths",
     "error", NULL, "all", groupings, AT(by), GIVEN(by), .kind = OPTION_CHOICE},
    {"to", "SUBJECT", "retry: publish the jobs there and not to their own subjects",
     "orders.repaired", AT(to), GIVEN(to), .kind = OPTION_TEXT},
    {"rate", "N", "retry: at most so many jobs a second", "50", AT(rate), GIVEN(rate),
     .kind = OPTION_RATE},
    {"jsonl", NULL, "export: JSON lines and not protobuf (import knows both)", AT(jsonl),
     GIVEN(jsonl), .kind = OPTION_FLAG},
    {"dry-run", NULL, "show what would be done and do nothing", AT(dry_run), GIVEN(dry_run),
     .kind = OPTION_FLAG, .letter = 'n'},
    {"yes", NULL,
     "do not ask; needed where there is no terminal. export: overwrite FILE if it exists", AT(yes),
     GIVEN(yes), .kind = OPTION_FLAG, .letter = 'y'},
    {0},
};

static const struct option_row selection_rows[] = {
    {"all", NULL, "every letter", AT(selection.all), GIVEN(all), .kind = OPTION_FLAG},
    {"subject", "FILTER", "whose job had such a subject", "'orders.*'", AT(selection.subject),
     GIVEN(subject), .kind = OPTION_TEXT},
    {"consumer", "NAME", "whose job died with this consumer", "processor", AT(selection.consumer),
     GIVEN(consumer), .kind = OPTION_TEXT},
    {"reason", "GLOB", "why it died, as `list` shows it", "'exit *'", AT(selection.reason),
     GIVEN(reason), .kind = OPTION_TEXT},
    {"error", "GLOB", "the handler's last words, as `list` shows them", "'*refused*'",
     AT(selection.error), GIVEN(error), .kind = OPTION_TEXT},
    {"older-than", "D", "that died longer ago", "24h", AT(selection.older_than), GIVEN(older_than),
     .least = 1, .kind = OPTION_DURATION},
    {"limit", "N", "the first so many of them", "100", AT(selection.limit), GIVEN(limit),
     .least = 1, .most = 1000000000000, .kind = OPTION_NUMBER},
    {0},
};

static const char usage[] =
    "DLQ_STREAM ORIGIN_STREAM [VERB [SEQ[-SEQ]...] [FILE]] [options] [-- COMMAND [ARG...]]";

static const char summary[] =
    "Looks after the jobs of ORIGIN_STREAM that used up their attempts. The verbs:\n"
    "  run      collect each dead job as a letter in DLQ_STREAM and put it back for fresh\n"
    "           attempts, --retries times; after that it is held for a person (the default). With\n"
    "           a COMMAND, that is run for each letter instead: done, the job is gone; else held\n"
    "  list     a table of the letters, waiting for `run` and held\n"
    "  show     all about a letter: headers, reason, error and body\n"
    "  stats    how many letters there are, by reason, consumer, subject, age and error\n"
    "  retry    put held jobs back into the queue, for fresh attempts\n"
    "  discard  throw held letters away, for good\n"
    "  export   write letters to FILE or stdout, and take nothing away\n"
    "  import   bring the letters of FILE or stdin back, as held ones\n"
    "  hold     make held ones of all that wait, so that `run` does not decide them\n"
    "  sweep    make letters of jobs that died unnoticed; `run` does it too, --sweep-every 1m\n"
    "  doctor   check server, streams, consumers, permissions and jobs, and say what to do\n"
    "SEQ is the job's sequence in ORIGIN_STREAM, as `list` and consumer's log have it.";

static const char notes[] =
    "Several `run` share the load. SIGINT or SIGTERM ends it after what is in hand; a second one\n"
    "at once. A DLQ stream without the letter subjects works too: jobs are then put back straight\n"
    "from the server's advisory, and nothing can be held.\n"
    "A verb that changes something wants a selection, and asks first; cut off anywhere, it does\n"
    "the rest when it is run again.\n"
    "Exit: 0 done, also where nobody reads on (list | head), 64 usage, 65 a damaged archive,\n"
    "69 no server, stream, consumer or SEQ, 73 FILE exists or cannot be made, 74 stdout cannot be\n"
    "written, 75 some left (try again), 77 refused, 78 in conflict. doctor alone: 0 good,\n"
    "1 warning, 2 critical.\n";

static const char examples[] =
    "  dlq orders_unprocessed orders_stream\n"
    "  dlq orders_unprocessed orders_stream run --retries 3\n"
    "  dlq orders_unprocessed orders_stream -- ./repair.sh\n"
    "  dlq orders_unprocessed orders_stream list --json\n"
    "  dlq orders_unprocessed orders_stream show 12\n"
    "  dlq orders_unprocessed orders_stream retry --reason 'timeout *' --rate 50\n"
    "  dlq orders_unprocessed orders_stream discard 12-40 --dry-run\n"
    "  dlq orders_unprocessed orders_stream export --older-than 30d old.natsq\n"
    "  dlq orders_unprocessed orders_stream import old.natsq --yes\n"
    "  dlq orders_unprocessed orders_stream doctor\n";

static int check_stream(const char *what, const char *name, struct error *error)
{
    const char *fault = subject_name_fault(name);
    return fault ? error_set(error, EX_USAGE, "%s '%s' %s", what, name, fault) : 0;
}

static int take_streams(struct dlq_options *options, struct error *error)
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
    options->verb = verb_find(options->verbs, words->n > 2 ? words->word[2] : "run");
    if (!options->verb)
        return error_set(error, EX_USAGE, "unknown verb '%s'; there are %s", words->word[2],
                         verb_names(options->verbs, 0, names, sizeof names));
    return 0;
}

/* A file whose name is a number can be written ./12. */
static int take_rest(struct dlq_options *options, struct error *error)
{
    unsigned takes = options->verb->takes;
    for (size_t i = 3; i < options->words.n; i++) {
        const char *word = options->words.word[i];
        if ((takes & VERB_FILE) && !options->file && !selection_is_range(word))
            options->file = word;
        else if (!(takes & VERB_SELECT))
            return error_set(error, EX_USAGE, "unexpected argument '%s': %s takes no SEQ", word,
                             options->verb->name);
        else if (selection_add(&options->selection, word, error) < 0)
            return -1;
    }
    return 0;
}

static const struct demand {
    unsigned takes; /* one of these */
    size_t given;
    const char *name;
} demands[] = {
    {VERB_RUN, AT_GIVEN(retries), "--retries"},
    {VERB_RUN, AT_GIVEN(max_attempts), "--max-attempts"},
    {VERB_RUN, AT_GIVEN(sweep_every), "--sweep-every"},
    {VERB_SWEEP, offsetof(struct dlq_options, sweep_wait_given), "--sweep-wait"},
    {VERB_JSON, AT_GIVEN(json), "--json"},
    {VERB_RAW, AT_GIVEN(raw), "--raw"},
    {VERB_BY, AT_GIVEN(by), "--by"},
    {VERB_TO, AT_GIVEN(to), "--to"},
    {VERB_RATE, AT_GIVEN(rate), "--rate"},
    {VERB_JSONL, AT_GIVEN(jsonl), "--jsonl"},
    {VERB_DRY, AT_GIVEN(dry_run), "--dry-run"},
    {VERB_ASKS | VERB_OVERWRITES, AT_GIVEN(yes), "--yes"},
    {VERB_SELECT | VERB_ALL, AT_GIVEN(all), "--all"},
    {VERB_SELECT, AT_GIVEN(limit), "--limit"},
    {VERB_SELECT, AT_GIVEN(subject), "--subject"},
    {VERB_SELECT, AT_GIVEN(consumer), "--consumer"},
    {VERB_SELECT, AT_GIVEN(reason), "--reason"},
    {VERB_SELECT, AT_GIVEN(error), "--error"},
    {VERB_SELECT, AT_GIVEN(older_than), "--older-than"},
};

static int check_given(const struct dlq_options *options, struct error *error)
{
    char names[256];
    for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++) {
        const bool *given = (const bool *)((const char *)options + demands[i].given);
        if (*given && !(options->verb->takes & demands[i].takes))
            return error_set(error, EX_USAGE, "%s takes no %s, which is for %s",
                             options->verb->name, demands[i].name,
                             verb_names(options->verbs, demands[i].takes, names, sizeof names));
    }
    return 0;
}

/* Put-backs are counted where jobs are put back, and a handler's failures where one is run. */
static int check_command(const struct dlq_options *options, struct error *error)
{
    bool has_command = options->words.command != NULL;
    if (has_command && !(options->verb->takes & VERB_RUN))
        return error_set(error, EX_USAGE, "%s takes no COMMAND", options->verb->name);
    if (has_command && options->given.retries)
        return error_set(error, EX_USAGE,
                         "--retries has no effect with a COMMAND, which decides each letter: use "
                         "--max-attempts");
    if (!has_command && options->given.max_attempts)
        return error_set(error, EX_USAGE,
                         "--max-attempts needs a COMMAND: without one, jobs are put back, and "
                         "--retries says how often");
    return 0;
}

/* A job put there would be taken for a letter. */
static int check_to(const char *to, struct error *error)
{
    const char *fault = to ? subject_fault(to) : NULL;
    if (fault)
        return error_set(error, EX_USAGE, "--to '%s' %s", to, fault);
    if (to && reserved_subjects_overlap(to))
        return error_set(error, EX_USAGE,
                         "--to '%s' is a subject of letters or advisories: give a subject of jobs",
                         to);
    return 0;
}

bool dlq_options_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Whether there is somebody to ask, and something to ask about. */
static int check_intent(const struct dlq_options *options, struct error *error)
{
    const struct verb *verb = options->verb;
    if ((verb->takes & VERB_NEEDS) && selection_is_empty(&options->selection))
        return error_set(error, EX_USAGE,
                         "%s which letters? Give SEQ or SEQ-SEQ (see `list`), --all, --subject, "
                         "--consumer, --reason, --error or --older-than",
                         verb->name);
    bool asks = (verb->takes & VERB_ASKS) && !options->yes && !options->dry_run;
    bool stdin_is_data = (verb->takes & VERB_FILE) && (verb->takes & VERB_ASKS) && !options->file;
    if (stdin_is_data && isatty(STDIN_FILENO))
        return error_set(error, EX_USAGE, "%s needs the FILE of an archive: %s FILE, or < FILE",
                         verb->name, verb->name);
    if (asks && stdin_is_data)
        return error_set(error, EX_USAGE,
                         "%s reads its archive from stdin and so cannot ask: give --yes to do it, "
                         "or --dry-run to see what it would do",
                         verb->name);
    if (asks && !dlq_options_can_ask())
        return error_set(error, EX_USAGE,
                         "%s changes what is stored and there is no terminal to ask: give --yes to "
                         "do it, or --dry-run to see what it would do",
                         verb->name);
    return 0;
}

/* Only `run` takes a COMMAND, and it need not be named. */
static int hint_command(const struct dlq_options *options, struct error *error)
{
    const struct words *words = &options->words;
    const struct verb *verb = words->n > 2 ? verb_find(options->verbs, words->word[2]) : NULL;
    if (verb && !(verb->takes & VERB_RUN))
        return -1;
    return executable_hint(words, verb ? 3 : 2, "dlq DLQ_STREAM ORIGIN_STREAM", error);
}

static int check(struct dlq_options *options, struct error *error)
{
    if (take_streams(options, error) < 0 || take_rest(options, error) < 0)
        return hint_command(options, error);
    if (check_given(options, error) < 0 || check_command(options, error) < 0 ||
        selection_check(&options->selection, error) < 0 ||
        connection_options_check(&options->connection, error) < 0 ||
        check_to(options->to, error) < 0 || check_intent(options, error) < 0)
        return -1;
    options->handler.command = options->words.command;
    return handler_options_check(&options->handler, error);
}

int dlq_options_parse(struct dlq_options *options, const struct verb *verbs, int argc, char **argv,
                      struct error *error)
{
    *options =
        (struct dlq_options){.verbs = verbs, .log = {.program = "dlq", .least = LOG_LEVEL_INFO}};
    const struct program program = {
        .name = "dlq",
        .usage = usage,
        .summary = summary,
        .notes = notes,
        .examples = examples,
        .sets = {{"Options", rows, options},
                 {"Selection", selection_rows, options},
                 {"Handler", handler_rows, &options->handler},
                 {"Log", log_rows, &options->log},
                 {"Connection", connection_rows, &options->connection}},
    };
    int result = options_parse(&program, argc, argv, &options->words, error);
    if (result < 0)
        return hint_command(options, error);
    return result != 0 ? result : check(options, error);
}

void dlq_options_close(struct dlq_options *options)
{
    connection_options_close(&options->connection);
    selection_close(&options->selection);
    words_close(&options->words);
}
