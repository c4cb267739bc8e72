#include "publish/pipeline.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/rate_limit.h"
#include "base/stop.h"
#include "base/stop_report.h"
#include "nats/confirm.h"
#include "nats/nats_cleanup.h"
#include "publish/job_message.h"
#include "publish/outcomes.h"
#include "publish/progress.h"
#include "publish/start_line.h"
#include "publish/stream_lookup.h"
#include "source/source.h"

/* Maximum number of bytes in flight, in addition to --window; nats.c buffers as many for a broken
 * connection. */
enum { WINDOW_BYTES = 8 << 20 };

struct pipeline {
    const struct publisher_options *options;
    struct source *source;
    struct confirm *confirm;
    struct progress progress;
    struct stream_lookup lookup;
    struct outcomes outcomes;
    struct rate_limit rate_limit;
    int64_t confirmed_at; /* when a job was last confirmed, or the first one in flight was sent */
};

static bool is_transient(enum puback_kind kind)
{
    return kind == PUBACK_AGAIN || kind == PUBACK_FULL || kind == PUBACK_NO_STREAM;
}

/* Whether to give up the rest of the input: if nothing was confirmed for as long as a job is
 * retried, the rest would fail the same way, and each window would take --retry-for again. */
static bool is_hopeless(const struct pipeline *pipeline, const struct puback *outcome)
{
    int64_t retry_for = pipeline->options->retry_for,
            ack_wait = pipeline->options->connection.timeout;
    if (outcome->kind == PUBACK_DENIED)
        return true;
    bool is_answered = outcome->kind != PUBACK_AGAIN && retry_for > 0;
    int64_t patience = is_answered || retry_for > ack_wait ? retry_for : ack_wait;
    return is_transient(outcome->kind) && clock_now() - pipeline->confirmed_at >= patience;
}

static void on_outcome(void *closure, void *owner, const struct puback *outcome)
{
    struct pipeline *pipeline = closure;
    outcomes_settle(&pipeline->outcomes, (uint64_t)(uintptr_t)owner, outcome,
                    confirm_settled(pipeline->confirm));
    if (puback_confirms(outcome)) {
        pipeline->confirmed_at = clock_coarse();
        return;
    }
    if (is_hopeless(pipeline, outcome) && !stop_requested()) {
        log_warn(pipeline->outcomes.report.log,
                 "no job gets through: the rest of the input is not published");
        stop_request(); /* as a signal would: what is in flight has --grace */
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
    return confirm_open(&pipeline->confirm, connection, &policy, on_outcome, pipeline, error);
}

/* Shows the progress and writes the checkpoint when they are due. Sets `due` to when to call it
 * again. */
static int do_periodic_work(struct pipeline *pipeline, int64_t *due, struct error *error)
{
    progress_show(&pipeline->progress, confirm_in_flight(pipeline->confirm));
    *due = pipeline->progress.due;
    if (!pipeline->outcomes.checkpoint)
        return 0;
    int64_t soon = clock_coarse() + DURATION_S;
    *due = soon < *due ? soon : *due;
    return checkpoint_write(pipeline->outcomes.checkpoint, false, error);
}

/* Waits until `fd` is readable, or for the time `until`: 0. 1: a stop was requested. */
static int wait_until(struct pipeline *pipeline, int fd, int64_t until, struct error *error)
{
    for (;;) {
        int64_t due;
        if (do_periodic_work(pipeline, &due, error) < 0)
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
        if (do_periodic_work(pipeline, &due, error) < 0)
            return -1;
        waited = confirm_wait_for_room(pipeline->confirm, bytes, due);
    } while (waited == 2);
    return waited;
}

static int wait_for_checkpoint(struct pipeline *pipeline, uint64_t number, struct error *error)
{
    int waited = 0;
    while (waited == 0 && !checkpoint_track(pipeline->outcomes.checkpoint, number))
        waited = wait_until(pipeline, -1, clock_now() + DURATION_MS, error);
    return waited;
}

static int wait_to_send(struct pipeline *pipeline, const struct source_item *item,
                        struct error *error)
{
    int waited = wait_for_checkpoint(pipeline, item->number, error);
    if (waited == 0)
        waited = wait_for_rate(pipeline, error);
    return waited != 0 ? waited
                       : wait_for_room(pipeline, job_message_size(item, pipeline->options), error);
}

/* Waits until all is confirmed, after a stop for the grace. */
static void flush(struct pipeline *pipeline)
{
    int64_t grace = pipeline->options->grace;
    if (confirm_drain(pipeline->confirm, INT64_MAX) > 0)
        stop_report(pipeline->outcomes.report.log, confirm_in_flight(pipeline->confirm),
                    "job is not confirmed yet", "jobs are not confirmed yet", grace);
    confirm_flush(pipeline->confirm, grace);
}

static int send(struct pipeline *pipeline, const struct source_item *item, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (confirm_message(pipeline->confirm, job_message_subject(item, pipeline->options), item->body,
                        item->length, &message, error) < 0 ||
        job_message_set_headers(message, item, pipeline->options, pipeline->outcomes.id_prefix,
                                error) < 0)
        return -1;
    if (confirm_in_flight(pipeline->confirm) == 0)
        pipeline->confirmed_at = clock_coarse();
    confirm_send(pipeline->confirm, take(message), (void *)(uintptr_t)item->number);
    if (pipeline->source->confirm_each)
        flush(pipeline);
    return 0;
}

/* 1: a stop was requested. */
static int settle_unsent(struct pipeline *pipeline, const struct source_item *item,
                         enum checkpoint_outcome outcome, struct error *error)
{
    int waited = wait_for_checkpoint(pipeline, item->number, error);
    if (waited == 0)
        checkpoint_settle(pipeline->outcomes.checkpoint, item->number, outcome);
    return waited;
}

/* 0: sent, or settled without being sent. 1: a stop was requested, and it was not sent. */
static int publish(struct pipeline *pipeline, const struct source_item *item, struct error *error)
{
    if (outcomes_reject(&pipeline->outcomes, item))
        return settle_unsent(pipeline, item, CHECKPOINT_REFUSED, error);
    if (item->subject && !stream_lookup_has(&pipeline->lookup, item->subject))
        return outcomes_no_stream(&pipeline->outcomes, item, error) < 0
                   ? -1
                   : settle_unsent(pipeline, item, CHECKPOINT_FAILED, error);
    int result = wait_to_send(pipeline, item, error);
    if (result < 0)
        return -1;
    if (result == 0 && !stop_requested())
        return send(pipeline, item, error);
    return outcomes_unsent(&pipeline->outcomes, item, error) < 0 ? -1 : 1;
}

/* Returns as publish does; 0 also for a job that an earlier run had confirmed. */
static int publish_new(struct pipeline *pipeline, struct source_item *item, struct error *error)
{
    int skip = checkpoint_skip(pipeline->outcomes.checkpoint, item, error);
    if (skip != 0)
        return skip < 0 ? -1 : stop_requested();
    return publish(pipeline, item, error);
}

/* 0: reached the end of the source. 1: stopped before. */
static int publish_all(struct pipeline *pipeline, struct error *error)
{
    for (;;) {
        struct source_item item;
        struct source_wait wait;
        int state = source_next(pipeline->source, &item, &wait, error), result = 0;
        if (state < 0)
            return -1;
        if (state == SOURCE_END)
            return checkpoint_check_end(pipeline->outcomes.checkpoint, error);
        if (state == SOURCE_WAIT)
            result = stop_requested() ? 1 : wait_until(pipeline, wait.fd, wait.until, error);
        else
            result = publish_new(pipeline, &item, error);
        if (result != 0)
            return result;
    }
}

/* After a stop: writes what the source still returns to the file of --failed. */
static int save_rest(struct pipeline *pipeline, struct error *error)
{
    struct source_item item;
    struct source_wait wait;
    int state = SOURCE_ITEM;
    source_stop(pipeline->source);
    while (pipeline->outcomes.failed &&
           (state = source_next(pipeline->source, &item, &wait, error)) == SOURCE_ITEM)
        if (outcomes_save_rest(&pipeline->outcomes, &item, error) < 0)
            return -1;
    return state < 0 ? -1 : 1;
}

/* Waits until nothing is in flight or a stop is requested. */
static int drain(struct pipeline *pipeline, struct error *error)
{
    int64_t due;
    do
        if (do_periodic_work(pipeline, &due, error) < 0)
            return -1;
    while (confirm_drain(pipeline->confirm, due) == 2);
    return 0;
}

static int run(struct pipeline *pipeline, struct error *error)
{
    progress_begin(&pipeline->progress, (enum progress_mode)pipeline->options->progress,
                   &pipeline->outcomes.report);
    int result = publish_all(pipeline, error);
    if (result == 0 && drain(pipeline, error) < 0)
        result = -1;
    flush(pipeline);
    if (result > 0)
        result = save_rest(pipeline, error);
    progress_end(&pipeline->progress);
    return outcomes_end(&pipeline->outcomes, result, pipeline->lookup.is_denied, error);
}

int pipeline_run(struct source *source, const struct publisher_options *options,
                 struct connection *connection, struct error *error)
{
    struct pipeline pipeline = {
        .options = options, .source = source, .lookup.connection = connection};
    rate_limit_init(&pipeline.rate_limit, options->rate);
    if (options->subject) {
        int found = stream_lookup_require(&pipeline.lookup, options->subject,
                                          options->connection.wait, error);
        if (found != 0)
            return found;
    }
    int result =
        outcomes_open(&pipeline.outcomes, connection_log(connection), source, options, error);
    if (result == 0)
        result = open_confirm(&pipeline, connection, error);
    if (result == 0) {
        start_line_log(options, connection);
        result = run(&pipeline, error);
    }
    confirm_close(pipeline.confirm);
    outcomes_close(&pipeline.outcomes);
    stream_lookup_release(&pipeline.lookup);
    return result;
}
