#include "publish/pipeline.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/rate_limit.h"
#include "base/stop.h"
#include "nats/confirm.h"
#include "nats/nats_cleanup.h"
#include "publish/job_message.h"
#include "publish/outcomes.h"
#include "publish/progress.h"
#include "publish/route.h"

/* Bytes in flight at most, beside --window; nats.c keeps as much for a broken connection. */
enum { WINDOW_BYTES = 8 << 20 };

struct pipeline {
    const struct publisher_options *options;
    struct source *source;
    struct confirm *confirm;
    struct progress shown;
    struct route route;
    struct outcomes outcomes;
    int64_t progress; /* when a job was last confirmed, or the first of several was sent */
    struct rate_limit rate_limit;
};

static bool is_passing(enum puback_kind kind)
{
    return kind == PUBACK_AGAIN || kind == PUBACK_FULL || kind == PUBACK_NO_STREAM;
}

/* When a job runs out of time and none got through meanwhile, the rest of the input would fare the
 * same, --retry-for a window. */
static bool is_hopeless(const struct pipeline *pipeline, const struct puback *outcome)
{
    int64_t retry_for = pipeline->options->retry_for,
            ack_wait = pipeline->options->connection.timeout;
    if (outcome->kind == PUBACK_DENIED)
        return true;
    bool answered = outcome->kind != PUBACK_AGAIN && retry_for > 0;
    int64_t patience = answered || retry_for > ack_wait ? retry_for : ack_wait;
    return is_passing(outcome->kind) && clock_now() - pipeline->progress >= patience;
}

static void on_done(void *closure, void *owner, const struct puback *outcome)
{
    struct pipeline *pipeline = closure;
    outcomes_settle(&pipeline->outcomes, (uint64_t)(uintptr_t)owner, outcome,
                    confirm_settled(pipeline->confirm));
    if (puback_confirms(outcome)) {
        pipeline->progress = clock_coarse();
        return;
    }
    if (is_hopeless(pipeline, outcome) && !stop_requested()) {
        log_warn(pipeline->outcomes.report.log,
                 "no job gets through: the rest of the input is left");
        stop_request();
    }
}

static int open_confirm(struct pipeline *pipeline, struct connection *connection,
                        struct error *error)
{
    const struct publisher_options *options = pipeline->options;
    const struct confirm_policy policy = {
        .window = pipeline->source->confirm_each ? 1 : (size_t)options->window,
        .window_bytes = WINDOW_BYTES,
        .ack_wait = options->connection.timeout,
        .retry_for = options->retry_for,
        .wait_for_room = options->retry_for > 0,
        .wait_for_stream = options->retry_for > 0,
    };
    return confirm_open(&pipeline->confirm, connection, &policy, on_done, pipeline, error);
}

/* What is to be done now and then; when again, in `due`. */
static int look_around(struct pipeline *pipeline, int64_t *due, struct error *error)
{
    progress_show(&pipeline->shown, confirm_in_flight(pipeline->confirm));
    *due = pipeline->shown.due;
    if (!pipeline->outcomes.checkpoint)
        return 0;
    int64_t soon = clock_coarse() + DURATION_S;
    *due = soon < *due ? soon : *due;
    return checkpoint_write(pipeline->outcomes.checkpoint, false, error);
}

/* Waits for input, or for the time `until`: 0. 1: a stop was requested. */
static int wait_until(struct pipeline *pipeline, int fd, int64_t until, struct error *error)
{
    for (;;) {
        int64_t due;
        if (look_around(pipeline, &due, error) < 0)
            return -1;
        bool is_last = until <= due;
        int waited = confirm_wait(pipeline->confirm, fd, is_last ? until : due);
        if (waited != 0 || is_last || clock_now() < due)
            return waited;
    }
}

static int wait_for_rate(struct pipeline *pipeline, struct error *error)
{
    struct rate_limit *limit = &pipeline->rate_limit;
    int waited = 0;
    if (limit->step > 0 && limit->next > clock_now())
        waited = wait_until(pipeline, -1, limit->next, error);
    rate_limit_count(limit);
    return waited;
}

static int wait_for_room(struct pipeline *pipeline, size_t bytes, struct error *error)
{
    int waited;
    do {
        int64_t due;
        if (look_around(pipeline, &due, error) < 0)
            return -1;
        waited = confirm_room(pipeline->confirm, bytes, due);
    } while (waited == 2);
    return waited;
}

/* For the checkpoint to keep up. */
static int wait_for_mark(struct pipeline *pipeline, uint64_t number, struct error *error)
{
    int waited = 0;
    while (waited == 0 && pipeline->outcomes.checkpoint &&
           !checkpoint_mark(pipeline->outcomes.checkpoint, number))
        waited = wait_until(pipeline, -1, clock_now() + DURATION_MS, error);
    return waited;
}

static int wait_for_all(struct pipeline *pipeline, const struct source_item *item,
                        struct error *error)
{
    int waited = wait_for_mark(pipeline, item->number, error);
    if (waited == 0)
        waited = wait_for_rate(pipeline, error);
    return waited != 0 ? waited
                       : wait_for_room(pipeline, job_message_size(item, pipeline->options), error);
}

static int send(struct pipeline *pipeline, const struct source_item *item, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (confirm_message(pipeline->confirm, job_message_subject(item, pipeline->options), item->body,
                        item->length, &message, error) < 0 ||
        job_message_create(message, item, pipeline->options, pipeline->outcomes.id_prefix, error) <
            0)
        return -1;
    if (confirm_in_flight(pipeline->confirm) == 0)
        pipeline->progress = clock_coarse();
    confirm_send(pipeline->confirm, take(message), (void *)(uintptr_t)item->number);
    if (pipeline->source->confirm_each)
        confirm_flush(pipeline->confirm, INT64_MAX, pipeline->options->grace);
    return 0;
}

static bool is_stray(struct pipeline *pipeline, const struct source_item *item)
{
    return item->subject && !route_leads(&pipeline->route, item->subject);
}

/* 1: a stop was requested. */
static int settle_unsent(struct pipeline *pipeline, const struct source_item *item,
                         enum checkpoint_outcome outcome, struct error *error)
{
    int waited = wait_for_mark(pipeline, item->number, error);
    if (waited == 0 && pipeline->outcomes.checkpoint)
        checkpoint_settle(pipeline->outcomes.checkpoint, item->number, outcome);
    return waited;
}

/* 1: a stop was requested, and the job was not sent. 0 also for a job that is none. */
static int publish(struct pipeline *pipeline, const struct source_item *item, struct error *error)
{
    if (outcomes_is_bad(&pipeline->outcomes, item))
        return settle_unsent(pipeline, item, CHECKPOINT_REFUSED, error);
    if (is_stray(pipeline, item))
        return outcomes_fail_stray(&pipeline->outcomes, item, error) < 0
                   ? -1
                   : settle_unsent(pipeline, item, CHECKPOINT_FAILED, error);
    int result = wait_for_all(pipeline, item, error);
    if (result < 0)
        return -1;
    if (result == 0 && !stop_requested())
        return send(pipeline, item, error);
    return outcomes_leave(&pipeline->outcomes, item, error) < 0 ? -1 : 1;
}

/* As publish; 0 also for a job that an earlier run had confirmed. */
static int take_one(struct pipeline *pipeline, struct source_item *item, struct error *error)
{
    int passed = outcomes_pass(&pipeline->outcomes, item, error);
    if (passed != 0)
        return passed < 0 ? -1 : stop_requested();
    return publish(pipeline, item, error);
}

/* 0: the source came to its end. 1: stopped before. */
static int take_all(struct pipeline *pipeline, struct error *error)
{
    for (;;) {
        struct source_item item;
        struct source_wait wait;
        int state = source_next(pipeline->source, &item, &wait, error), result = 0;
        if (state < 0)
            return -1;
        if (state == SOURCE_END)
            return pipeline->outcomes.checkpoint
                       ? checkpoint_end(pipeline->outcomes.checkpoint, error)
                       : 0;
        if (state == SOURCE_WAIT)
            result = stop_requested() ? 1 : wait_until(pipeline, wait.fd, wait.until, error);
        else
            result = take_one(pipeline, &item, error);
        if (result != 0)
            return result;
    }
}

/* After a stop: what is at hand goes to the file of --failed. */
static int leave_rest(struct pipeline *pipeline, struct error *error)
{
    struct source_item item;
    struct source_wait wait;
    int state = SOURCE_ITEM;
    source_stop(pipeline->source);
    while (pipeline->outcomes.failed &&
           (state = source_next(pipeline->source, &item, &wait, error)) == SOURCE_ITEM)
        if (outcomes_leave_unsent(&pipeline->outcomes, &item, error) < 0)
            return -1;
    return state < 0 ? -1 : 1;
}

/* Waits for what is in flight, at most until a stop is requested. */
static int settle_all(struct pipeline *pipeline, struct error *error)
{
    int64_t due;
    do
        if (look_around(pipeline, &due, error) < 0)
            return -1;
    while (confirm_drain(pipeline->confirm, due) == 2);
    return 0;
}

static int run(struct pipeline *pipeline, struct error *error)
{
    progress_begin(&pipeline->shown, (enum progress_mode)pipeline->options->progress,
                   &pipeline->outcomes.report);
    int result = take_all(pipeline, error);
    if (result == 0 && settle_all(pipeline, error) < 0)
        result = -1;
    confirm_flush(pipeline->confirm, INT64_MAX, pipeline->options->grace);
    if (result > 0)
        result = leave_rest(pipeline, error);
    progress_end(&pipeline->shown);
    return outcomes_end(&pipeline->outcomes, result, pipeline->route.is_blind, error);
}

int pipeline_run(struct source *source, const struct publisher_options *options,
                 struct connection *connection, struct error *error)
{
    struct pipeline pipeline = {
        .options = options, .source = source, .route.connection = connection};
    rate_limit_init(&pipeline.rate_limit, options->rate);
    if (options->subject) {
        int found =
            route_look_up(&pipeline.route, options->subject, options->connection.wait, error);
        if (found != 0)
            return found;
    }
    int result =
        outcomes_open(&pipeline.outcomes, connection_log(connection), source, options, error);
    if (result == 0)
        result = open_confirm(&pipeline, connection, error);
    if (result == 0)
        result = run(&pipeline, error);
    confirm_close(pipeline.confirm);
    outcomes_close(&pipeline.outcomes);
    route_release(&pipeline.route);
    return result;
}
