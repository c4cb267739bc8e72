#include "dlq_options.h"

#include "base/duration.h"
#include "base/subject.h"
#include "cli/log_options.h"
#include "dlq_help.h"
#include "handler/executable.h"
#include "letter_columns.h"
#include "queue/dlq_subjects.h"
#include "selection_options.h"
#include "stream_names.h"
#include "threshold_options.h"
#include "verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct dlq_options, field)
#define GIVEN(field) .given_offset = offsetof(struct dlq_options, given.field)
#define FOR(verbs) .commands = (verbs) /* bits of enum verb_takes */

/* In the order of enum stats_by. */
static const char *const groupings[] = {"all", "reason", "consumer", "subject",
                                        "age", "error",  NULL};

static const struct option_row rows[] = {
    {"retries", "N",
     "run without a COMMAND: how many times a dead job is put back for fresh attempts before it is "
     "held",
     "3", NULL, "1", AT(retries), GIVEN(retries), FOR(VERB_RUN), .min = 0, .max = 1000000,
     .kind = OPTION_NUMBER},
    {"max-attempts", "N",
     "run with a COMMAND: how many times the COMMAND may fail before the letter is held", "5", NULL,
     "2", AT(max_attempts), GIVEN(max_attempts), FOR(VERB_RUN), .min = 1, .max = 10,
     .kind = OPTION_NUMBER},
    {"sweep-every", "D", "run: time between two sweeps; 0: never", "10m", NULL, "1m",
     AT(sweep_every), GIVEN(sweep_every), FOR(VERB_RUN), .kind = OPTION_DURATION},
    {"sweep-wait", "D",
     "run, sweep: time between the two looks at a job that seems dead (5s; 2m where the origin is "
     "replicated)",
     "30s", AT(sweep_wait), GIVEN(sweep_wait), FOR(VERB_SWEEP), .kind = OPTION_DURATION},
    {"json", NULL, "print one JSON object per line: each letter, or what was done about it",
     AT(json), FOR(VERB_JSON), .kind = OPTION_FLAG},
    {"columns", "NAME,...",
     "list: the columns of the table, in this order, of seq, state, age, died, stored, subject, "
     "consumer, tries, retries, reason, error, host, job_id, size and body",
     "seq,age,body", AT(columns), FOR(VERB_TABLE), .kind = OPTION_TEXT},
    {"utc", NULL, "list: print when a job died, in place of its age", AT(utc), FOR(VERB_TABLE),
     .kind = OPTION_FLAG},
    {"raw", NULL, "show: print the body alone, byte for byte", AT(raw), FOR(VERB_RAW),
     .kind = OPTION_FLAG},
    {"by", "reason|consumer|subject|age|error",
     "stats: count by this alone; errors that differ only in numbers, ids and paths count as one",
     "error", NULL, "all", groupings, AT(by), GIVEN(by), FOR(VERB_BY), .kind = OPTION_CHOICE},
    {"every", "D", "watch: time between two looks, at least 100ms", "10s", NULL, "2s", AT(every),
     GIVEN(every), FOR(VERB_EVERY), .min = 100 * DURATION_MS, .kind = OPTION_DURATION},
    {"to", "SUBJECT", "retry: publish the jobs to SUBJECT instead of their own subjects",
     "orders.repaired", AT(to), FOR(VERB_TO), .kind = OPTION_TEXT},
    {"rate", "N", "retry: put back at most N jobs per second", "50", AT(rate), FOR(VERB_RATE),
     .kind = OPTION_RATE},
    {"jsonl", NULL, "export: write JSON lines instead of protobuf (import reads both)", AT(jsonl),
     FOR(VERB_JSONL), .kind = OPTION_FLAG},
    {"replace", NULL,
     "import: put letters of the archive in the place of held ones that differ, as after editing",
     AT(replace), FOR(VERB_REPLACE), .kind = OPTION_FLAG},
    {"dry-run", NULL, "show what would be done, and do nothing", AT(dry_run), FOR(VERB_DRY),
     .kind = OPTION_FLAG, .short_name = 'n'},
    {"yes", NULL, "do not ask; required without a terminal. export: overwrite FILE if it exists",
     AT(yes), FOR(VERB_ASKS | VERB_OVERWRITES | VERB_YES), .kind = OPTION_FLAG, .short_name = 'y'},
    {0},
};

static int report_unknown_verb(const struct verb *verbs, const char *name, struct error *error)
{
    char names[256];
    const struct verb *near = verb_nearest(verbs, name);
    if (near)
        return error_set(error, EX_USAGE, "unknown verb '%s'; did you mean '%s'?", name,
                         near->name);
    return error_set(error, EX_USAGE, "unknown verb '%s'; the verbs are %s", name,
                     verb_names(verbs, 0, names, sizeof names));
}

static int take_streams(struct dlq_options *options, struct error *error)
{
    const struct arguments *arguments = &options->arguments;
    struct stream_names names;
    if (stream_names_take(&names, arguments->positional, arguments->n, options->verbs,
                          getenv("NATSQ_DLQ"), getenv("NATSQ_ORIGIN"), error) < 0)
        return -1;
    options->stream = names.stream;
    options->origin = names.origin;
    options->words = names.words;
    options->verb = verb_find(options->verbs, names.verb);
    if (!options->verb)
        return report_unknown_verb(options->verbs, names.verb, error);
    return 0;
}

/* A file whose name is a number can be given as ./12. */
static int take_arguments(struct dlq_options *options, struct error *error)
{
    unsigned takes = options->verb->takes;
    for (size_t i = options->words; i < options->arguments.n; i++) {
        const char *word = options->arguments.positional[i];
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

/* An option without a default counts as given if its value is set. */
static bool is_given(const char *values, const struct option_row *row)
{
    static const char none[sizeof(int64_t)];
    if (row->given_offset)
        return *(const bool *)(values + row->given_offset);
    size_t size = row->kind == OPTION_FLAG ? sizeof(bool) : sizeof none;
    return memcmp(values + row->offset, none, size) != 0;
}

/* Refuses an option that is for other verbs. `values`: where its value is. */
static int check_given(const struct dlq_options *options, const struct option_row *row,
                       const void *values, struct error *error)
{
    char names[256];
    for (; row->name; row++)
        if (is_given(values, row) && !(options->verb->takes & row->commands))
            return error_set(error, EX_USAGE, "%s takes no --%s, which is for %s",
                             options->verb->name, row->name,
                             verb_names(options->verbs, row->commands, names, sizeof names));
    return 0;
}

/* --retries counts put-backs, --max-attempts the failures of a COMMAND. */
static int check_handler(const struct dlq_options *options, struct error *error)
{
    bool has_handler = handler_decides_letters(&options->handler);
    if (has_handler && !(options->verb->takes & VERB_RUN))
        return error_set(error, EX_USAGE, "%s takes no COMMAND", options->verb->name);
    if (has_handler && options->given.retries)
        return error_set(error, EX_USAGE,
                         "--retries has no effect with a COMMAND, which decides each letter: use "
                         "--max-attempts");
    if (!has_handler && options->given.max_attempts)
        return error_set(error, EX_USAGE,
                         "--max-attempts needs a COMMAND: without one, jobs are put back, and "
                         "--retries says how many times");
    return 0;
}

static int check_columns(const struct dlq_options *options, struct error *error)
{
    struct letter_columns columns;
    if (!options->columns)
        return 0;
    if (options->json)
        return error_set(error, EX_USAGE, "--columns is for the table; --json prints everything");
    return letter_columns_parse(options->columns, &columns, error);
}

/* A job published there would be mistaken for a letter. */
static int check_to(const char *to, struct error *error)
{
    const char *fault = to ? subject_fault(to) : NULL;
    if (fault)
        return error_set(error, EX_USAGE, "--to '%s' %s", to, fault);
    if (to && dlq_subjects_overlap(NULL, to))
        return error_set(error, EX_USAGE,
                         "--to '%s' is a subject of letters or advisories: give a subject of jobs",
                         to);
    return 0;
}

bool dlq_options_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* A verb that acts on held letters would find none in another state. */
static int check_states(const struct dlq_options *options, struct error *error)
{
    const struct verb *verb = options->verb;
    const char *state = options->selection.state;
    if (!state || verb->states == 0 || !(selection_states(&options->selection) & ~verb->states))
        return 0;
    bool held_only = verb->states == 1 << LETTER_HELD;
    return error_set(error, EX_USAGE, "%s acts on %s letters only, not on --state %s%s", verb->name,
                     held_only ? "held" : "waiting and held", state,
                     held_only ? ": `hold` makes them held" : "");
}

static int check_selection(const struct dlq_options *options, struct error *error)
{
    const struct selection *selection = &options->selection;
    if ((options->verb->takes & VERB_NEEDS) && selection_is_empty(selection))
        return error_set(error, EX_USAGE,
                         "%s which letters? Give SEQ or SEQ-SEQ (see `list`), --all, --subject or "
                         "another selector (see --help)",
                         options->verb->name);
    return selection_check(selection, error) < 0 ? -1 : check_states(options, error);
}

/* A verb that asks needs a terminal, and its stdin for the answer. */
static int check_can_ask(const struct dlq_options *options, struct error *error)
{
    const struct verb *verb = options->verb;
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
    if (asks && options->edit.body && strcmp(options->edit.body, "-") == 0)
        return error_set(error, EX_USAGE,
                         "%s reads the body from stdin and so cannot ask: give --yes to do it",
                         verb->name);
    if (asks && !dlq_options_can_ask())
        return error_set(error, EX_USAGE,
                         "%s changes what is stored, and there is no terminal to ask: give --yes "
                         "to do it, or --dry-run to see what it would do",
                         verb->name);
    return 0;
}

/* Suggests `--` before what looks like a COMMAND: only `run` takes one, and `run` may be omitted.
 */
static int suggest_command(const struct dlq_options *options, struct error *error)
{
    const struct arguments *arguments = &options->arguments;
    const struct verb *verb = options->verb;
    if (!verb && arguments->n > 2) /* an option was refused before the verb was taken */
        verb = verb_find(options->verbs, arguments->positional[2]);
    size_t words = options->verb ? options->words : verb ? 3 : 2;
    if (verb && !(verb->takes & VERB_RUN))
        return -1;
    return executable_hint(arguments, words, "dlq", "DLQ_STREAM ORIGIN_STREAM", error);
}

static int check(struct dlq_options *options, struct error *error)
{
    options->handler.command = options->arguments.command;
    if (take_streams(options, error) < 0 || take_arguments(options, error) < 0)
        return suggest_command(options, error);
    edit_options_take_body(&options->edit, &options->selection, options->verb);
    if (check_given(options, rows, options, error) < 0 ||
        check_given(options, selection_rows, &options->selection, error) < 0 ||
        check_given(options, edit_rows, &options->edit, error) < 0 ||
        check_given(options, threshold_rows, &options->thresholds, error) < 0 ||
        check_handler(options, error) < 0 || check_selection(options, error) < 0 ||
        connection_options_check(&options->connection, error) < 0 ||
        check_to(options->to, error) < 0 ||
        edit_options_check(&options->edit, &options->selection, options->verb, error) < 0 ||
        check_columns(options, error) < 0 || thresholds_parse(&options->thresholds, error) < 0 ||
        check_can_ask(options, error) < 0)
        return -1;
    return handler_options_check(&options->handler, error);
}

int dlq_options_parse(struct dlq_options *options, const struct verb *verbs, int argc, char **argv,
                      struct error *error)
{
    *options =
        (struct dlq_options){.verbs = verbs, .log = {.program = "dlq", .level = LOG_LEVEL_INFO}};
    char about[DLQ_SUMMARY_MAX];
    const struct program program = {
        .name = "dlq",
        .usage = dlq_usage,
        .summary = dlq_summary(verbs, about),
        .notes = dlq_notes,
        .examples = dlq_examples,
        .sets = {{"Options", rows, options},
                 {"Selection", selection_rows, &options->selection},
                 {"Editing", edit_rows, &options->edit},
                 {"Doctor", threshold_rows, &options->thresholds},
                 {"Handler", handler_rows, &options->handler},
                 {"Log", log_rows, &options->log},
                 {"Connection", connection_rows, &options->connection}},
    };
    int result = options_parse(&program, argc, argv, &options->arguments, error);
    if (result < 0)
        return suggest_command(options, error);
    return result != 0 ? result : check(options, error);
}

void dlq_options_close(struct dlq_options *options)
{
    connection_options_close(&options->connection);
    selection_close(&options->selection);
    edit_options_release(&options->edit);
    arguments_close(&options->arguments);
}
