#include "publisher_options.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/subject.h"
#include "base/text.h"
#include "cli/log_options.h"
#include "publisher_help.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct publisher_options, field)
#define GIVEN(field) .given_offset = offsetof(struct publisher_options, field)

const char *const publisher_sources[PUBLISHER_SOURCES] = {
    [SOURCE_COUNT] = "count", [SOURCE_LINES] = "lines",         [SOURCE_NULL] = "null",
    [SOURCE_JSONL] = "jsonl", [SOURCE_EACH_FILE] = "each-file",
};

static const struct option_row source_rows[] = {
    {"lines", NULL, "each line is a job; from each FILE in turn ('-' is stdin), or from stdin",
     AT(source_given[SOURCE_LINES]), .kind = OPTION_FLAG},
    {"null", NULL, "the same, but each job ends with a NUL, as find -print0 writes it",
     AT(source_given[SOURCE_NULL]), .kind = OPTION_FLAG, .short_name = '0'},
    {"jsonl", NULL,
     "each line is a job as {\"subject\", \"id\", \"headers\", \"body\" | \"body_base64\"}, all "
     "optional",
     AT(source_given[SOURCE_JSONL]), .kind = OPTION_FLAG},
    {"each-file", NULL, "each FILE is a job, whatever it contains",
     AT(source_given[SOURCE_EACH_FILE]), .kind = OPTION_FLAG},
    {"skip-empty", NULL, "with one of these: skip empty records", AT(skip_empty),
     .kind = OPTION_FLAG},
    {"count", "N", "with none of these: number of jobs (with --body: 1)", "3", NULL, "20",
     AT(count), GIVEN(count_given), .min = 1, .max = INT64_MAX, .kind = OPTION_NUMBER,
     .short_name = 'c'},
    {"interval", "D", "with none of these: time between jobs (with --rate: 0)", "250ms", NULL, "1s",
     AT(interval), GIVEN(interval_given), .kind = OPTION_DURATION},
    {"body", "TEXT", "with none of these: the body; {n} stands for the job's number, from 0",
     "'resize {n}.png'", NULL, "order-{n}", AT(body), GIVEN(body_given), .kind = OPTION_TEXT},
    {"header", "'NAME: VALUE'",
     "header of each job; may be repeated; a header of the same name in a job replaces it",
     "'Priority: low'", AT(headers.texts), .kind = OPTION_TEXTS, .short_name = 'H'},
    {0},
};

/* As in enum progress_mode. */
static const char *const progress_choices[] = {"auto", "always", "never", NULL};

static const struct option_row rows[] = {
    {"id", "ID", "message id, where there is only one job", "order-17", AT(id),
     .kind = OPTION_TEXT},
    {"id-prefix", "P", "the message ids are P-0, P-1, …; by default each run generates a P",
     "batch-2026-11", AT(id_prefix), .kind = OPTION_TEXT},
    {"window", "N", "maximum number of jobs in flight (unconfirmed); 1 keeps strict order", "1",
     NULL, "1024", AT(window), .min = 1, .max = 1000000, .kind = OPTION_NUMBER},
    {"retry-for", "D|forever", "how long a job is resent before it fails; 0: never resent", "5m",
     NULL, "30s", AT(retry_for_text), .kind = OPTION_TEXT},
    {"failed", "FILE", "write jobs that were not confirmed to FILE, as --jsonl reads them",
     "failed.jsonl", AT(failed), .kind = OPTION_TEXT},
    {"checkpoint", "FILE",
     "record up to where all jobs are confirmed; a run that finds FILE continues there",
     "monday.checkpoint", AT(checkpoint), .kind = OPTION_TEXT},
    {"rate", "N", "maximum number of jobs per second, evenly spaced", "100", AT(rate),
     .kind = OPTION_RATE},
    {"progress", "auto|always|never",
     "a bar on a terminal, else a line every 10s; auto: unless each job is logged", NULL, NULL,
     "auto", progress_choices, AT(progress), .kind = OPTION_CHOICE},
    {"grace", "D", "after a stop, how long to wait for jobs in flight", "1m", NULL, "10s",
     AT(grace), .kind = OPTION_DURATION},
    {0},
};

static int check_subject(const char *subject, struct error *error)
{
    const char *fault = subject_fault(subject);
    if (!fault && strlen(subject) > PUBLISHER_SUBJECT_MAX)
        fault = "is too long";
    return fault ? error_set(error, EX_USAGE, "SUBJECT '%.100s' %s", subject, fault) : 0;
}

static int take_source(struct publisher_options *options, struct error *error)
{
    for (int i = SOURCE_COUNT + 1; i < PUBLISHER_SOURCES; i++) {
        if (options->source_given[i] && options->source != SOURCE_COUNT)
            return error_set(error, EX_USAGE,
                             "only one of --lines, --null, --jsonl and --each-file can be given");
        if (options->source_given[i])
            options->source = (enum publisher_source)i;
    }
    return 0;
}

static bool is_file(const char *word)
{
    return strcmp(word, "-") == 0 || access(word, F_OK) == 0;
}

/* `publisher --jsonl FILE` needs no SUBJECT. */
static size_t take_subject(struct publisher_options *options)
{
    const struct arguments *arguments = &options->arguments;
    if (options->source == SOURCE_JSONL && (arguments->n == 0 || is_file(arguments->positional[0])))
        return 0;
    options->subject = arguments->n > 0 ? arguments->positional[0] : NULL;
    return 1;
}

static int take_arguments(struct publisher_options *options, struct error *error)
{
    const struct arguments *arguments = &options->arguments;
    size_t taken = take_subject(options);
    if (taken > 0 && !options->subject)
        return error_set(error, EX_USAGE, "SUBJECT is missing: %s %s, e.g. %s orders.new",
                         program_name("publisher"), publisher_usage, program_call("publisher"));
    if (options->subject && check_subject(options->subject, error) < 0)
        return -1;
    if (arguments->command)
        return error_set(error, EX_USAGE, "publisher runs no command: leave out '-- %s'",
                         arguments->command[0]);
    options->files = arguments->positional + taken;
    options->n_files = arguments->n - taken;
    if (options->n_files > 0 && options->source == SOURCE_COUNT)
        return error_set(error, EX_USAGE,
                         "FILE '%s' needs --lines (each line is a job), --null, --jsonl or "
                         "--each-file",
                         options->files[0]);
    return 0;
}

static int check_source(struct publisher_options *options, struct error *error)
{
    const char *other = options->count_given      ? "--count"
                        : options->interval_given ? "--interval"
                        : options->body_given     ? "--body"
                                                  : NULL;
    if (options->source != SOURCE_COUNT && other)
        return error_set(error, EX_USAGE, "%s cannot go with --%s, which reads the jobs", other,
                         publisher_sources[options->source]);
    if (options->body_given && !options->count_given)
        options->count = 1;
    if (options->rate > 0 && !options->interval_given)
        options->interval = 0;
    if (options->source == SOURCE_COUNT && options->skip_empty)
        return error_set(error, EX_USAGE,
                         "--skip-empty needs --lines, --null, --jsonl or --each-file");
    return 0;
}

/* Also for files that do not exist yet. */
static bool is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    if (stat(one, &a) < 0 || stat(other, &b) < 0)
        return strcmp(one, other) == 0;
    return S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* --failed may replace its input only with --jsonl, which reads what --failed writes. */
static int check_files(const struct publisher_options *options, struct error *error)
{
    const char *failed = options->failed, *checkpoint = options->checkpoint;
    if (failed && checkpoint && is_same_file(failed, checkpoint))
        return error_set(error, EX_USAGE,
                         "--failed and --checkpoint each need a file of their own");
    for (size_t i = 0; i < options->n_files; i++) {
        const char *name =
            failed && options->source != SOURCE_JSONL && is_same_file(failed, options->files[i])
                ? "--failed"
            : checkpoint && is_same_file(checkpoint, options->files[i]) ? "--checkpoint"
                                                                        : NULL;
        if (name)
            return error_set(error, EX_USAGE,
                             "%s would replace '%s', which is read as input: give another file",
                             name, options->files[i]);
    }
    return 0;
}

static int check_id(struct publisher_options *options, struct error *error)
{
    if (!options->id)
        return 0;
    const char *fault = header_id_fault(options->id, strlen(options->id));
    if (fault)
        return error_set(error, EX_USAGE, "--id %s", fault);
    const char *many = options->id_prefix    ? "--id-prefix"
                       : options->checkpoint ? "--checkpoint"
                                             : NULL;
    if (many)
        return error_set(error, EX_USAGE, "--id is for one job, %s for many: leave out one", many);
    if (options->source == SOURCE_JSONL)
        return error_set(error, EX_USAGE,
                         "--id cannot go with --jsonl: put an \"id\" into the line");
    if (options->count_given && options->count > 1)
        return error_set(error, EX_USAGE, "--id is for one job: it needs --count 1");
    if (options->source == SOURCE_COUNT)
        options->count = 1;
    return 0;
}

/* --failed writes it as JSON. */
static const char *fault_of_header(const char *name, size_t name_length, const char *value,
                                   size_t value_length)
{
    const char *fault = header_fault(name, name_length, value, value_length);
    return fault || text_is_utf8(value, value_length) ? fault : "has a value that is not UTF-8";
}

/* It becomes a header's value. */
static int check_id_prefix(const char *prefix, struct error *error)
{
    if (!prefix)
        return 0;
    if (strlen(prefix) > PUBLISHER_ID_PREFIX_MAX)
        return error_set(error, EX_USAGE, "--id-prefix takes at most %d bytes",
                         PUBLISHER_ID_PREFIX_MAX);
    const char *fault = header_id_fault(prefix, strlen(prefix));
    return fault ? error_set(error, EX_USAGE, "--id-prefix %s", fault) : 0;
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
    *options = (struct publisher_options){.log = {.program = "publisher", .level = LOG_LEVEL_INFO}};
    const struct program program = {
        .name = "publisher",
        .usage = publisher_usage,
        .summary = publisher_summary,
        .notes = publisher_notes,
        .examples = publisher_examples,
        .sets = {{"Jobs", source_rows, options},
                 {"Publishing", rows, options},
                 {"Log", log_rows, &options->log},
                 {"Connection", connection_rows, &options->connection}},
    };
    int result = options_parse(&program, argc, argv, &options->arguments, error);
    if (result != 0)
        return result;
    if (take_source(options, error) < 0 || take_arguments(options, error) < 0 ||
        check_source(options, error) < 0 || check_files(options, error) < 0 ||
        check_id_prefix(options->id_prefix, error) < 0 || check_id(options, error) < 0 ||
        header_options_check(&options->headers, "--header", "'NAME: VALUE'", fault_of_header,
                             error) < 0 ||
        parse_retry_for(options, error) < 0 ||
        connection_options_check(&options->connection, error) < 0)
        return -1;
    options->log.clears = options->log.format == LOG_FORMAT_TEXT &&
                          options->progress != PROGRESS_NEVER && isatty(STDERR_FILENO);
    return 0;
}

void publisher_options_close(struct publisher_options *options)
{
    header_options_release(&options->headers);
    connection_options_close(&options->connection);
    arguments_close(&options->arguments);
}
