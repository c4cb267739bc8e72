#include "worker.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "handler/handler_report.h"
#include "queue/dlq_subjects.h"
#include "queue/settings_check.h"
#include "queue/stored_subjects.h"
#include "queue/stream.h"
#include "slot.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

/* The built-in handler is instant, so jobs may be requested in batches. Each kill costs the jobs of
 * a batch an attempt: with 500, nine kills left 215 jobs dead that had never run; with 50 none. */
enum { BUILTIN_BATCH = 50 };

static const int64_t check_interval = 5 * DURATION_S;

struct worker {
    struct worker_context context;
    struct requester *requester;         /* used by the main thread */
    struct requester *restore_requester; /* used by the puller */
    struct slot *slots;
    size_t n_slots, n_started;
    struct settings_target origin;
};

static int restore(void *closure, struct pull_limits *limits)
{
    struct worker *worker = closure;
    struct durable_state durable;
    int result = durable_watch_restore(worker->context.durable, worker->restore_requester);
    durable_watch_state(worker->context.durable, &durable);
    *limits = durable.limits;
    return result;
}

/* The server accepts a filter that matches no subject, and the worker would wait forever; and one
 * that matches dead letters, which the worker would remove. */
static int check_filter(const struct consumer_options *options, const json_t *config,
                        const char *filter, struct error *error)
{
    char subjects[512];
    const char *stream = options->durable.stream;
    if (dlq_subjects_taken(config, filter))
        return error_set(error, EX_CONFIG,
                         "FILTER '%s' takes dead letters or advisories from stream '%s', and only "
                         "dlq may process them: %s %s ORIGIN_STREAM",
                         filter, stream, program_call("dlq"), stream);
    if (stored_subjects_match(config, filter))
        return 0;
    error_set(error, EX_CONFIG,
              "stream '%s' stores no subject that FILTER '%s' matches; it stores %s", stream,
              filter, stored_subjects_text(config, subjects, sizeof subjects));
    return consumer_options_hint(options, error);
}

static int check_filters(const struct consumer_options *options, const json_t *config,
                         struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < options->durable.n_filters && result == 0; i++)
        result = check_filter(options, config, options->durable.filters[i], error);
    return result;
}

/* If the stream has sources, its subjects are not known, but those of its messages are. */
static void warn_of_filter(struct worker *worker, const char *filter)
{
    struct error ignored = {0};
    json_t *info = stream_info(worker->requester, worker->origin.stream, filter, 0, &ignored);
    const json_t *state = json_object_get(info, "state");
    if (json_integer_value(json_object_get(state, "messages")) > 0 &&
        json_object_size(json_object_get(state, "subjects")) == 0)
        log_warn(worker->context.log, "no job in %s matches FILTER '%s'", worker->origin.stream,
                 filter);
    json_decref(info);
}

static void warn_of_filters(struct worker *worker, const json_t *config)
{
    const struct durable_spec *spec = &worker->context.options->durable;
    if (!json_object_get(config, "sources"))
        return;
    for (size_t i = 0; i < spec->n_filters; i++)
        warn_of_filter(worker, spec->filters[i]);
}

static int check_origin(struct worker *worker, const json_t *config, struct error *error)
{
    if (settings_judge(&worker->origin, config, worker->context.log, error) < 0 ||
        check_filters(worker->context.options, config, error) < 0)
        return -1;
    warn_of_filters(worker, config);
    return 0;
}

/* An older server deletes dead jobs from a replicated stream, whatever a client does. */
static int check_server(const struct durable_spec *spec, const json_t *info, struct error *error)
{
    char version[32];
    if (!spec->attempts_given || stream_server_at_least(info, 2, 12, version))
        return 0;
    return error_set(
        error, EX_UNAVAILABLE,
        "--attempts needs nats-server 2.12 or newer; this one is %s: use --max-deliver", version);
}

static int open_durable(struct worker *worker, struct error *error)
{
    const struct consumer_options *options = worker->context.options;
    _cleanup_(json_decrefp) json_t *info = NULL;
    int result = stream_look_up(worker->context.connection, options->durable.stream,
                                options->connection.wait, &info, error);
    if (result != 0)
        return result;
    if (check_origin(worker, json_object_get(info, "config"), error) < 0 ||
        check_server(&options->durable, info, error) < 0)
        return -1;
    return durable_watch_open(&worker->context.durable, worker->requester, &options->durable,
                              options->connection.wait, worker->context.log, error);
}

static int open_puller(struct worker *worker, struct error *error)
{
    struct durable_state durable;
    durable_watch_state(worker->context.durable, &durable);
    const struct consumer_options *options = worker->context.options;
    const struct puller_options pull = {
        .stream = options->durable.stream,
        .consumer = options->durable.name,
        .batch = options->is_instant ? BUILTIN_BATCH : 0,
        .eager = !options->is_instant && options->rate <= 0,
        .limit = (uint64_t)options->count,
        .limits = durable.limits,
        .restore = restore,
        .closure = worker,
    };
    if (puller_open(&worker->context.puller, worker->context.connection, &pull, error) < 0)
        return -1;
    worker->context.intake.puller = worker->context.puller;
    return 0;
}

static int open_slots(struct worker *worker, struct error *error)
{
    const struct handler_options *handler = &worker->context.options->handler;
    size_t n = handler_slots(handler);
    int result = 0;
    worker->slots = calloc(n, sizeof *worker->slots);
    if (!worker->slots)
        return error_set(error, EX_OSERR, "out of memory");
    while (worker->n_slots < n && result == 0)
        result = slot_init(&worker->slots[worker->n_slots++], &worker->context, error);
    return result;
}

int worker_open(struct worker **opened, const struct consumer_options *options,
                struct connection *connection, struct error *error)
{
    _cleanup_(cleanup_worker) struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return error_set(error, EX_OSERR, "out of memory");
    worker->context.finished = eventfd(0, EFD_CLOEXEC);
    if (worker->context.finished < 0)
        return error_set(error, EX_OSERR, "cannot create an eventfd: %s", strerror(errno));
    worker->context.options = options;
    worker->origin = (struct settings_target){SETTINGS_ORIGIN, options->durable.stream, NULL, 0};
    worker->context.log = connection_log(connection);
    worker->context.connection = connection;
    pthread_mutex_init(&worker->context.rate_lock, NULL);
    rate_limit_init(&worker->context.rate_limit, options->rate);
    pthread_mutex_init(&worker->context.warnings.lock, NULL);
    intake_init(&worker->context.intake, &options->breaker, worker->context.log);
    if (job_log_open(&worker->context.job_log, options->job_log, error) < 0 ||
        requester_open(&worker->requester, connection, error) < 0 ||
        requester_open(&worker->restore_requester, connection, error) < 0)
        return -1;
    int result = open_durable(worker, error);
    if (result != 0)
        return result;
    requester_abandon_on_stop(worker->requester);
    requester_abandon_on_stop(worker->restore_requester);
    if (open_puller(worker, error) < 0 || open_slots(worker, error) < 0)
        return -1;
    *opened = take(worker);
    return 0;
}

void worker_close(struct worker *worker)
{
    if (!worker)
        return;
    for (size_t i = 0; i < worker->n_slots; i++)
        slot_release(&worker->slots[i]);
    free(worker->slots);
    handler_shared_release(&worker->context.handlers);
    puller_close(worker->context.puller);
    requester_close(worker->requester);
    requester_close(worker->restore_requester);
    durable_watch_close(worker->context.durable);
    job_log_close(worker->context.job_log);
    pthread_mutex_destroy(&worker->context.rate_lock);
    pthread_mutex_destroy(&worker->context.warnings.lock);
    intake_release(&worker->context.intake);
    if (worker->context.finished >= 0)
        close(worker->context.finished);
    free(worker);
}

/* The stream and the durable may be changed while the worker runs. */
static int check(struct worker *worker, struct error *error)
{
    struct durable_state durable;
    if (durable_watch_refresh(worker->context.durable, worker->requester, error) < 0 ||
        settings_check(&worker->origin, worker->requester, worker->context.log, error) < 0)
        return -1;
    durable_watch_state(worker->context.durable, &durable);
    puller_adapt(worker->context.puller, &durable.limits);
    return 0;
}

static int start_slots(struct worker *worker, struct error *error)
{
    atomic_store(&worker->context.running, worker->n_slots);
    for (; worker->n_started < worker->n_slots; worker->n_started++)
        if (slot_start(&worker->slots[worker->n_started], error) < 0)
            return -1;
    return 0;
}

int worker_run(struct worker *worker, struct error *error)
{
    struct worker_context *context = &worker->context;
    struct durable_state durable;
    durable_watch_state(context->durable, &durable);
    worker_report_start(&context->report, context->options, context->connection, &durable);
    int result = start_slots(worker, error);
    while (result == 0 && !stop_wait_or(context->finished, check_interval))
        result = check(worker, error);
    if (result < 0)
        stop_because(error); /* the grace of the running handlers begins */
    puller_stop(context->puller);
    if (stop_requested())
        handler_report_stop(&context->options->handler, &context->handlers, context->log);
    for (size_t i = 0; i < worker->n_started; i++)
        pthread_join(worker->slots[i].thread, NULL);
    worker_report_end(&context->report, context->connection);
    return result;
}
