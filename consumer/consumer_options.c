#include "consumer_options.h"

#include "base/program_name.h"
#include "base/subject.h"
#include "cli/log_options.h"
#include "handler/executable.h"

#include <inttypes.h>
#include <string.h>

#define AT(field) .offset = offsetof(struct consumer_options, field)
#define GIVEN(field) .given_offset = offsetof(struct consumer_options, field)

static const char *const acks[] = {"async", "sync", NULL};

static const struct option_row rows[] = {
    {"durable", "NAME", "durable consumer that the workers of these filters share", "resizer", NULL,
     DURABLE_DEFAULT_NAME, AT(durable.name), .kind = OPTION_TEXT},
    {"bind", NULL, "use the durable as it is: neither create nor change it", AT(durable.bind),
     .kind = OPTION_FLAG},
    {"update", NULL,
     "change the durable, for all its workers, where the options below differ from it; without "
     "this, a difference is an error",
     AT(durable.update), .kind = OPTION_FLAG},
    {"max-deliver", "N", "attempts after which a job is dead", "5", NULL, "2",
     AT(durable.max_deliver), GIVEN(durable.max_deliver_given), .min = 1, .max = 1000000,
     .kind = OPTION_NUMBER},
    {"attempts", "N",
     "the same, but counted by the workers: the server redelivers a job until its letter is "
     "confirmed, so no dead job depends on an advisory (nats-server 2.12 or newer)",
     "5", AT(durable.attempts), GIVEN(durable.attempts_given), .min = 1, .max = 1000000,
     .kind = OPTION_NUMBER},
    {"backoff", "D[,D...]",
     "time to wait after each attempt; the last D applies to all further ones", "1s,10s,1m", NULL,
     "5s", AT(durable.backoff), GIVEN(durable.backoff_given), .min = 1, .kind = OPTION_DURATIONS},
    {"max-ack-pending", "N", "maximum number of jobs in flight or in backoff", "50000", NULL,
     "10000", AT(durable.max_ack_pending), GIVEN(durable.max_ack_pending_given), .min = 1,
     .max = 10000000, .kind = OPTION_NUMBER},
    {"rate", "N", "maximum number of attempts started per second, evenly spaced", "10", AT(rate),
     .min = 0, .kind = OPTION_RATE},
    {"breaker", "N|N%",
     "stop taking jobs once N, or N%, of the last 20 attempts failed (of the last N, if that is "
     "more). Then wait, from 1s up to 1m, and try one job at a time until one succeeds; each try "
     "that fails costs its job an attempt",
     "10", AT(breaker_text), .kind = OPTION_TEXT},
    {"ack", "async|sync",
     "async: acks are buffered, and a job whose ack is lost runs twice; "
     "sync: each ack waits for the server's confirmation, a round trip per job",
     "sync", NULL, "async", acks, AT(ack), .kind = OPTION_CHOICE},
    {"joblog", "FILE",
     "append a tab-separated line for each settled attempt: time, seq, subject, attempt, verdict, "
     "exit, ms, worker, outcome",
     "jobs.tsv", AT(job_log), .kind = OPTION_TEXT},
    {"fail-rate", "F", "fraction of the attempts that the built-in handler fails at random, 0 to 1",
     "0.5", NULL, "0", AT(handler.fail_rate), GIVEN(handler.given.fail_rate),
     .kind = OPTION_FRACTION},
    {"builtin", NULL,
     "use the built-in handler, which only logs and acknowledges jobs, even if a worker with a "
     "COMMAND created the durable",
     AT(builtin), .kind = OPTION_FLAG},
    {"count", "N", "end after N attempts", "100", AT(count), .min = 1, .max = INT64_MAX,
     .kind = OPTION_NUMBER, .short_name = 'c'},
    {"until-empty", NULL,
     "end once no job is pending, in flight or in backoff anywhere (for cron); a job too large for "
     "its letter is left until dlq has decided on it. Exit 75 if the durable is paused while jobs "
     "are left",
     AT(until_empty), .kind = OPTION_FLAG},
    {0},
};

static const char usage[] = "STREAM FILTER... [options] [-- COMMAND [ARG...]]";

static const char summary[] =
    "Processes the jobs of a work-queue stream whose subjects match a FILTER. A job\n"
    "is acknowledged once it is done, and redelivered after the backoff if it failed.\n"
    "When its attempts are used up it is dead, and `dlq` takes care of it.";

static const char notes[] =
    "The durable is created if it does not exist. If it exists, only the options that are given "
    "are compared with it: a difference is an error (78), or changes it with --update, which all "
    "its workers log. Its filter is never changed. A durable that a worker with a COMMAND created "
    "refuses the built-in handler (78) without --builtin or --fail-rate.\n"
    "SIGINT or SIGTERM ends the program after the jobs in flight; a second one ends it "
    "immediately. COMMAND inherits the signals, umask and limits with which consumer was started, "
    "but SIGTERM and SIGCHLD always have their default action.\n";

static const char examples[] =
    "  consumer orders_stream 'orders.*'\n"
    "  consumer orders_stream 'orders.*' --fail-rate 0.5  see jobs die\n"
    "  consumer orders_stream 'orders.*' --until-empty    end when the queue is empty\n"
    "  consumer orders_stream 'orders.*' -- ./resize.sh   run a command for each job\n"
    "  consumer orders_stream 'orders.*' --keep=jsonl -- examples/handler.py\n"
    "  consumer orders_stream 'orders.*' --attempts 5 --breaker 10 -- ./resize.sh\n"
    "  consumer orders_stream orders.eu orders.us --durable west --backoff 1s,1m\n";

static int check_filter(const char *filter, struct error *error)
{
    const char *fault = subject_filter_fault(filter);
    if (!fault && subject_has_inner_wildcard(filter))
        fault = SUBJECT_INNER_WILDCARD;
    if (!fault)
        return 0;
    if (strchr(filter, '/'))
        return error_set(error, EX_USAGE,
                         "FILTER '%s' %s; if it is a command to run for each job, write '--' "
                         "before it: %s STREAM FILTER -- %s",
                         filter, fault, program_name("consumer"), filter);
    return error_set(error, EX_USAGE, "FILTER '%s' %s", filter, fault);
}

static int take_arguments(struct consumer_options *options, struct error *error)
{
    const struct arguments *arguments = &options->arguments;
    if (arguments->n < 2)
        return error_set(error, EX_USAGE, "%s is missing: %s %s, e.g. %s orders_stream 'orders.*'",
                         arguments->n == 0 ? "STREAM" : "FILTER", program_name("consumer"), usage,
                         program_call("consumer"));
    if (arguments->n - 1 > DURABLE_FILTERS_MAX)
        return error_set(error, EX_USAGE, "at most %d filters", DURABLE_FILTERS_MAX);
    const char *fault = subject_name_fault(arguments->positional[0]);
    if (fault)
        return error_set(error, EX_USAGE, "STREAM '%s' %s", arguments->positional[0], fault);
    options->durable.stream = arguments->positional[0];
    for (size_t i = 1; i < arguments->n; i++) {
        if (check_filter(arguments->positional[i], error) < 0)
            return -1;
        for (size_t j = 1; j < i; j++)
            if (subject_overlap(arguments->positional[i], arguments->positional[j]))
                return error_set(error, EX_USAGE, "the filters '%s' and '%s' overlap",
                                 arguments->positional[j], arguments->positional[i]);
        options->durable.filters[options->durable.n_filters++] = arguments->positional[i];
    }
    return 0;
}

/* --fail-rate and --builtin ask for the built-in handler explicitly. */
static enum durable_handler durable_handler(const struct consumer_options *options)
{
    if (!handler_is_builtin(&options->handler))
        return DURABLE_COMMAND;
    return options->builtin || options->handler.given.fail_rate ? DURABLE_ANY_HANDLER
                                                                : DURABLE_BUILTIN;
}

/* With --update the durable's own limit may allow more steps of backoff; the server decides. */
static int check_durable(const struct durable_spec *durable, struct error *error)
{
    const char *fault = subject_name_fault(durable->name);
    if (fault)
        return error_set(error, EX_USAGE, "--durable '%s' %s", durable->name, fault);
    if (durable->attempts_given && durable->max_deliver_given)
        return error_set(error, EX_USAGE,
                         "--attempts (the workers count) and --max-deliver (the server counts) "
                         "exclude each other");
    bool has_limit = !durable->attempts && (durable->max_deliver_given || !durable->update);
    if (has_limit && durable->backoff.n > durable->max_deliver)
        return error_set(error, EX_USAGE,
                         "--backoff has %d steps, which needs --attempts or a --max-deliver of at "
                         "least %d",
                         durable->backoff.n, durable->backoff.n);
    if (durable->bind && (durable->max_deliver_given || durable->attempts_given ||
                          durable->backoff_given || durable->max_ack_pending_given))
        return error_set(error, EX_USAGE,
                         "--bind uses the durable as it is: it cannot go with --max-deliver, "
                         "--attempts, --backoff or --max-ack-pending");
    if (durable->bind && durable->update)
        return error_set(error, EX_USAGE,
                         "--bind uses the durable as it is: it cannot go with --update");
    return 0;
}

static int check(struct consumer_options *options, struct error *error)
{
    if (check_durable(&options->durable, error) < 0)
        return -1;
    if (options->builtin && options->arguments.command)
        return error_set(error, EX_USAGE,
                         "--builtin is for the built-in handler: it cannot go with a COMMAND");
    options->handler.command = options->arguments.command;
    options->durable.handler = durable_handler(options);
    if (options->breaker_text && !breaker_rule_parse(options->breaker_text, &options->breaker))
        return error_set(error, EX_USAGE,
                         "--breaker takes a number of failed attempts from 1 to %d, or a "
                         "percentage, not '%s'; e.g. --breaker 10, --breaker 50%%",
                         BREAKER_FAILURES_MAX, options->breaker_text);
    options->is_instant =
        handler_is_builtin(&options->handler) && options->rate <= 0 && !options->breaker_text;
    options->connection.looped = true;
    return handler_options_check(&options->handler, error);
}

int consumer_options_hint(const struct consumer_options *options, struct error *error)
{
    return executable_hint(&options->arguments, 1, "consumer", "STREAM FILTER", error);
}

int consumer_options_parse(struct consumer_options *options, int argc, char **argv,
                           struct error *error)
{
    *options = (struct consumer_options){.log = {.program = "consumer", .level = LOG_LEVEL_INFO},
                                         .durable = {.description = "Orders processor"}};
    const struct program program = {
        .name = "consumer",
        .usage = usage,
        .summary = summary,
        .notes = notes,
        .examples = examples,
        .sets = {{"Options", rows, options},
                 {"Handler", handler_rows, &options->handler},
                 {"Log", log_rows, &options->log},
                 {"Connection", connection_rows, &options->connection}},
    };
    int result = options_parse(&program, argc, argv, &options->arguments, error);
    if (result < 0)
        return consumer_options_hint(options, error);
    if (result != 0)
        return result;
    if (take_arguments(options, error) < 0 || check(options, error) < 0 ||
        connection_options_check(&options->connection, error) < 0)
        return -1;
    return 0;
}

void consumer_options_close(struct consumer_options *options)
{
    connection_options_close(&options->connection);
    arguments_close(&options->arguments);
}
