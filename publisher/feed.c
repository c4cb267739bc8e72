#include "feed.h"

#include "confirm.h"
#include "duration.h"
#include "report.h"
#include "stop.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

/* Bodies in flight at most, beside --window; nats.c keeps as much for a broken connection. */
enum { WINDOW_BYTES = 8 << 20, ID_RANDOM_BYTES = 8 };

struct feed {
    const struct publisher_options *options;
    struct source *source;
    struct confirm *confirm;
    struct report report;
    const char *id_prefix;
    char made_up[2 * ID_RANDOM_BYTES + 1]; /* an id prefix of this run alone */
    int64_t progress; /* when a job was last confirmed, or the first of several was sent */
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
    return is_passing(outcome->kind) &&
           duration_now() - feed->progress >= (retry_for > ack_wait ? retry_for : ack_wait);
}

static void on_done(void *closure, void *owner, const struct puback *outcome)
{
    struct feed *feed = closure;
    report_job(&feed->report, (uint64_t)(uintptr_t)owner, outcome);
    if (puback_confirms(outcome)) {
        feed->progress = duration_now();
    } else if (is_hopeless(feed, outcome) && !stop_requested()) {
        log_warn(feed->report.log, "no job gets through: the rest of the input is left");
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

static int set_id(const struct feed *feed, natsMsg *message, uint64_t number, struct error *error)
{
    char id[400];
    snprintf(id, sizeof id, "%s-%" PRIu64, feed->id_prefix, number);
    natsStatus s = natsMsgHeader_Set(message, "Nats-Msg-Id", id);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot set a job's message id");
}

/* 1: a stop was requested, and the job was not sent. */
static int publish(struct feed *feed, const struct item *item, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (item->oversize) {
        const struct puback outcome = {.kind = PUBACK_TOO_LARGE};
        report_job(&feed->report, item->number, &outcome);
        return 0;
    }
    int result = confirm_message(feed->confirm, feed->options->subject, item->body, item->length,
                                 &message, error);
    if (result != 0 || stop_requested())
        return result != 0 ? result : 1;
    if (confirm_in_flight(feed->confirm) == 0)
        feed->progress = duration_now();
    if (set_id(feed, message, item->number, error) < 0)
        return -1;
    confirm_send(feed->confirm, take(message), (void *)(uintptr_t)item->number);
    if (feed->source->one_by_one)
        confirm_flush(feed->confirm, INT64_MAX, feed->options->grace);
    return 0;
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
            return 0;
        if (stop_requested())
            return 1;
        if (state == SOURCE_WAIT)
            result = confirm_wait(feed->confirm, wait.fd, wait.until);
        else
            result = publish(feed, &item, error);
        if (result != 0)
            return result;
    }
}

static const char *make_id_prefix(struct feed *feed)
{
    unsigned char random[ID_RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    return sodium_bin2hex(feed->made_up, sizeof feed->made_up, random, sizeof random);
}

int feed_run(struct source *source, const struct publisher_options *options,
             struct connection *connection, struct error *error)
{
    struct feed feed = {.options = options, .source = source, .id_prefix = options->id_prefix};
    if (sodium_init() < 0)
        return error_set(error, EX_SOFTWARE, "libsodium does not start");
    if (!feed.id_prefix)
        feed.id_prefix = make_id_prefix(&feed);
    if (open_confirm(&feed, connection, error) < 0)
        return -1;
    report_begin(&feed.report, connection_log(connection), source);
    int result = take_all(&feed, error);
    confirm_flush(feed.confirm, INT64_MAX, options->grace);
    confirm_close(feed.confirm);
    struct error unfinished;
    int end =
        report_end(&feed.report, result == 0, feed.id_prefix, result < 0 ? &unfinished : error);
    return result < 0 ? -1 : end;
}
