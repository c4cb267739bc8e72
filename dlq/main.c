#include "base/exit_status.h"
#include "base/inherited.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "dlq.h"
#include "queue/dlq_subjects.h"
#include "queue/stream.h"
#include "streams/settings_watch.h"
#include "verbs/verbs.h"

#include <jansson.h>
#include <stdio.h>

/* Both streams must exist; the subjects of the DLQ stream decide what can be done. */
static int look_up_streams(struct dlq *dlq, struct error *error)
{
    const struct dlq_options *options = dlq->options;
    _cleanup_(json_decrefp) json_t *origin = NULL, *letters = NULL;
    bool wait = options->connection.wait;
    int result = stream_look_up(dlq->connection, options->origin, wait, &origin, error);
    if (result < 0 && verb_find(verbs, options->origin))
        error_add(error, "; or is it the verb, as in '%s %s ORIGIN_STREAM %s'?",
                  program_call("dlq"), options->stream, options->origin);
    if (result == 0)
        result = stream_look_up(dlq->connection, options->stream, wait, &letters, error);
    if (result != 0)
        return result;
    dlq_know_letters(dlq, letters);
    return 0;
}

static int check_subjects(const struct dlq *dlq, struct error *error)
{
    const char *origin = dlq->options->origin, *stream = dlq->options->stream;
    if (dlq->has_advisories || dlq->has_dead || dlq->has_held)
        return 0;
    return error_set(error, EX_CONFIG,
                     "stream '%s' takes neither advisories nor letters about '%s': are the two "
                     "streams swapped? See '%s %s %s doctor'",
                     stream, origin, program_call("dlq"), stream, origin);
}

static int run_verb(struct dlq *dlq, struct error *error)
{
    const struct verb *verb = dlq->options->verb;
    _cleanup_(settings_watch_close) struct settings_watch settings = {0};
    _cleanup_(cleanup_requester) struct requester *requester = NULL;
    if (requester_open(&requester, dlq->connection, error) < 0)
        return -1;
    dlq->requester = requester;
    if (verb->takes & VERB_CHECKS)
        return verb->run(dlq, error);
    int result = look_up_streams(dlq, error);
    if (result == 0)
        result = settings_watch_open(&settings, dlq, error);
    if (result == 0)
        result = check_subjects(dlq, error);
    dlq->settings = &settings;
    return result == 0 ? verb->run(dlq, error) : result;
}

/* 0 and the exit code, or -1. */
static int connect_and_run(const struct dlq_options *options, int *exit_code, struct error *error)
{
    char name[300];
    snprintf(name, sizeof name, "dlq_%s", options->origin);
    struct dlq dlq = {.options = options, .log = &options->log};
    _cleanup_(cleanup_connection) struct connection *connection = NULL;
    if (stop_install(error) < 0)
        return -1;
    int result = connection_open(&connection, &options->connection, name, &options->log, error);
    dlq.connection = connection;
    if (result > 0 && options->verb->run_unconnected)
        result = error_set(error, EX_TEMPFAIL, "stopped before there was a connection");
    if (result == 0)
        result = run_verb(&dlq, error);
    else if (result < 0 && options->verb->run_unconnected)
        result = options->verb->run_unconnected(&dlq, error);
    *exit_code = dlq.exit_code;
    return result;
}

int main(int argc, char **argv)
{
    struct dlq_options options;
    struct error error = {0};
    int exit_code = 0;
    inherited_normalize();
    int result = dlq_options_parse(&options, verbs, argc, argv, &error);
    if (result == 0)
        result = connect_and_run(&options, &exit_code, &error);
    int status = exit_status(result, &error, &options.log);
    dlq_options_close(&options);
    return status != 0 ? status : exit_code;
}
