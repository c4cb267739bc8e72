#include "pipeline.h"

#include "base/duration.h"
#include "base/stop.h"
#include "job_message.h"
#include "nats/confirm.h"
#include "outcomes.h"
#include "progress.h"
#include "route.h"

/* Bytes in flight at most, beside --window; nats.c keeps as much for a broken connection. */
enum { WINDOW_BYTES = 8 << 20 };

struct feed {
    const struct publisher_options *options;
    struct source *source;
    struct confirm *confirm;
    struct progress shown;
    struct route route;
    struct account account;
    int64_t progress; /* when a job was last confirmed, or the first of several was sent */
    int64_t turn;     /* --rate: when the next job may be sent */
};

static bool is_passing(enum puback_kind kind)
{
    return kind == PUBACK_AGAIN || kind == PUBACK_FULL || kind == PUBACK_NO_STREAM;
}

/* When a job runs out of time and none got through meanwhile, the rest of the input would fare the
 * same, --retry-for a window. */
static bool is_hopeless(const struct feed *feed, const struct puback *outcome)
{
    int64_t retry_for = feed->options->retry_for, ack_wait = feed->options->connection.timeout;
    if (outcome->kind == PUBACK_DENIED)
        return true;
    bool answered = outcome->kind != PUBACK_AGAIN && retry_for > 0;
    int64_t patience = answered || retry_for > ack_wait ? retry_for : ack_wait;
    return is_passing(outcome->kind) && duration_now() - feed->progress >= patience;
}

static void on_done(void *closure, void *owner, const struct puback *outcome)
{
    struct feed *feed = closure;
    account_settle(&feed->account, (uint64_t)(uintptr_t)owner, outcome,
                   confirm_settled(feed->confirm));
    if (puback_confirms(outcome)) {
        feed->progress = duration_about();
        return;
    }
    if (is_hopeless(feed, outcome) && !stop_requested()) {
        log_warn(feed->account.report.log, "no job gets through: the rest of the input is left");
        stop_request();
    }
}

static int open_confirm(struct feed *feed, struct connection *connection, struct error *error)
{
    const struct publisher_options *options = feed->options;
    const struct confirm_policy policy = {
        .window = feed->source->one_by_one ? 1 : (size_t)options->window,
        .window_bytes = WINDOW_BYTES,
        .ack_wait = options->connection.timeout,
        .retry_for = options->retry_for,
        .wait_for_room = options->retry_for > 0,
        .wait_for_stream = options->retry_for > 0,
    };
    return confirm_open(&feed->confirm, connection, &policy, on_done, feed, error);
}

/* What is to be done now and then; when again, in `due`. */
static int look_around(struct feed *feed, int64_t *due, struct error *error)
{
    progress_show(&feed->shown, confirm_in_flight(feed->confirm));
    *due = feed->shown.due;
    if (!feed->account.checkpoint)
        return 0;
    int64_t soon = duration_about() + DURATION_S;
    *due = soon < *due ? soon : *due;
    return checkpoint_write(feed->account.checkpoint, false, error);
}

/* Waits for input, or for the time `until`: 0. 1: a stop was requested. */
static int wait_until(struct feed *feed, int fd, int64_t until, struct error *error)
{
    for (;;) {
        int64_t due;
        if (look_around(feed, &due, error) < 0)
            return -1;
        bool is_last = until <= due;
        int waited = confirm_wait(feed->confirm, fd, is_last ? until : due);
        if (waited != 0 || is_last || duration_now() < due)
            return waited;
    }
}

/* Evenly: what was missed is made up for only as far as a timer is late. */
static int wait_for_turn(struct feed *feed, struct error *error)
{
    static const int64_t lateness = 20 * DURATION_MS;
    if (feed->options->rate <= 0)
        return 0;
    int64_t now = duration_now();
    if (feed->turn < now - lateness)
        feed->turn = now;
    int64_t turn = feed->turn;
    feed->turn += (int64_t)((double)DURATION_S / feed->options->rate);
    return turn > now ? wait_until(feed, -1, turn, error) : 0;
}

static int wait_for_room(struct feed *feed, size_t bytes, struct error *error)
{
    int waited;
    do {
        int64_t due;
        if (look_around(feed, &due, error) < 0)
            return -1;
        waited = confirm_room(feed->confirm, bytes, due);
    } while (waited == 2);
    return waited;
}

/* For the checkpoint to keep up. */
static int wait_for_mark(struct feed *feed, uint64_t number, struct error *error)
{
    int waited = 0;
    while (waited == 0 && feed->account.checkpoint &&
           !checkpoint_mark(feed->account.checkpoint, number))
        waited = wait_until(feed, -1, duration_now() + DURATION_MS, error);
    return waited;
}

static int wait_for_all(struct feed *feed, const struct item *item, struct error *error)
{
    int waited = wait_for_mark(feed, item->number, error);
    if (waited == 0)
        waited = wait_for_turn(feed, error);
    return waited != 0 ? waited : wait_for_room(feed, dress_size(item, feed->options), error);
}

static int send(struct feed *feed, const struct item *item, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (confirm_message(feed->confirm, dress_subject(item, feed->options), item->body, item->length,
                        &message, error) < 0 ||
        dress_message(message, item, feed->options, feed->account.id_prefix, error) < 0)
        return -1;
    if (confirm_in_flight(feed->confirm) == 0)
        feed->progress = duration_about();
    confirm_send(feed->confirm, take(message), (void *)(uintptr_t)item->number);
    if (feed->source->one_by_one)
        confirm_flush(feed->confirm, INT64_MAX, feed->options->grace);
    return 0;
}

static bool is_stray(struct feed *feed, const struct item *item)
{
    return item->subject && !route_leads(&feed->route, item->subject);
}

/* 1: a stop was requested. */
static int settle_unsent(struct feed *feed, const struct item *item,
                         enum checkpoint_outcome outcome, struct error *error)
{
    int waited = wait_for_mark(feed, item->number, error);
    if (waited == 0 && feed->account.checkpoint)
        checkpoint_settle(feed->account.checkpoint, item->number, outcome);
    return waited;
}

/* 1: a stop was requested, and the job was not sent. 0 also for a job that is none. */
static int publish(struct feed *feed, const struct item *item, struct error *error)
{
    if (account_is_bad(&feed->account, item))
        return settle_unsent(feed, item, CHECKPOINT_REFUSED, error);
    if (is_stray(feed, item))
        return account_fail_stray(&feed->account, item, error) < 0
                   ? -1
                   : settle_unsent(feed, item, CHECKPOINT_FAILED, error);
    int result = wait_for_all(feed, item, error);
    if (result < 0)
        return -1;
    if (result == 0 && !stop_requested())
        return send(feed, item, error);
    return account_leave(&feed->account, item, error) < 0 ? -1 : 1;
}

/* As publish; 0 also for a job that an earlier run had confirmed. */
static int take_one(struct feed *feed, struct item *item, struct error *error)
{
    int passed = account_pass(&feed->account, item, error);
    if (passed != 0)
        return passed < 0 ? -1 : stop_requested();
    return publish(feed, item, error);
}

/* 0: the source came to its end. 1: stopped before. */
static int take_all(struct feed *feed, struct error *error)
{
    for (;;) {
        struct item item;
        struct source_wait wait;
        int state = source_next(feed->source, &item, &wait, error), result = 0;
        if (state < 0)
            return -1;
        if (state == SOURCE_END)
            return feed->account.checkpoint ? checkpoint_end(feed->account.checkpoint, error) : 0;
        if (state == SOURCE_WAIT)
            result = stop_requested() ? 1 : wait_until(feed, wait.fd, wait.until, error);
        else
            result = take_one(feed, &item, error);
        if (result != 0)
            return result;
    }
}

/* After a stop: what is at hand goes to the file of --failed. */
static int leave_rest(struct feed *feed, struct error *error)
{
    struct item item;
    struct source_wait wait;
    int state = SOURCE_ITEM;
    source_stop(feed->source);
    while (feed->account.failed &&
           (state = source_next(feed->source, &item, &wait, error)) == SOURCE_ITEM)
        if (account_leave_unsent(&feed->account, &item, error) < 0)
            return -1;
    return state < 0 ? -1 : 1;
}

/* Waits for what is in flight, at most until a stop is requested. */
static int settle_all(struct feed *feed, struct error *error)
{
    int64_t due;
    do
        if (look_around(feed, &due, error) < 0)
            return -1;
    while (confirm_drain(feed->confirm, due) == 2);
    return 0;
}

static int run(struct feed *feed, struct error *error)
{
    progress_begin(&feed->shown, (enum progress_when)feed->options->progress,
                   &feed->account.report);
    int result = take_all(feed, error);
    if (result == 0 && settle_all(feed, error) < 0)
        result = -1;
    confirm_flush(feed->confirm, INT64_MAX, feed->options->grace);
    if (result > 0)
        result = leave_rest(feed, error);
    progress_end(&feed->shown);
    return account_end(&feed->account, result, feed->route.is_blind, error);
}

int feed_run(struct source *source, const struct publisher_options *options,
             struct connection *connection, struct error *error)
{
    struct feed feed = {.options = options, .source = source, .route.connection = connection};
    if (options->subject) {
        int found = route_look_up(&feed.route, options->subject, options->connection.wait, error);
        if (found != 0)
            return found;
    }
    int result = account_open(&feed.account, connection_log(connection), source, options, error);
    if (result == 0)
        result = open_confirm(&feed, connection, error);
    if (result == 0)
        result = run(&feed, error);
    confirm_close(feed.confirm);
    account_close(&feed.account);
    route_release(&feed.route);
    return result;
}
