#include "worker_report.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/duration.h"
#include "handler/handler_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

static json_t *start_fields(const struct consumer_options *options, const char *server,
                            const struct durable_state *durable)
{
    json_t *backoff = json_array(), *filters = json_array();
    for (int i = 0; i < durable->backoff.n; i++)
        json_array_append_new(backoff, json_integer(durable->backoff.ns[i] / DURATION_MS));
    for (size_t i = 0; i < options->durable.n_filters; i++)
        json_array_append_new(filters, json_string(options->durable.filters[i]));
    json_t *fields = handler_fields(&options->handler);
    json_t *others = json_pack(
        "{s:s, s:s, s:o, s:s, s:I, s:s, s:o, s:I}", "server", server, "stream",
        options->durable.stream, "filters", filters, "durable", options->durable.name, "attempts",
        (json_int_t)(durable->attempts > 0 ? durable->attempts : durable->max_deliver),
        "counted_by", durable->attempts > 0 ? "workers" : "server", "backoff_ms", backoff,
        "ack_wait_ms", (json_int_t)(durable->ack_wait / DURATION_MS));
    json_object_update_missing(fields, others);
    json_decref(others);
    return fields;
}

void worker_report_start(struct worker_report *report, const struct consumer_options *options,
                         const struct connection *connection, const struct durable_state *durable)
{
    char url[SERVER_URL_SHOWN_MAX], handler[HANDLER_TEXT_MAX];
    _cleanup_(buffer_release) struct buffer settings = {0};
    const struct log *log = connection_log(connection);
    report->begin = clock_now();
    durable_state_describe(durable, &settings);
    connection_url(connection, url);
    log_event(log,
              (struct log_event){.level = LOG_LEVEL_INFO,
                                 .fields = log_takes_fields(log, LOG_LEVEL_INFO)
                                               ? start_fields(options, url, durable)
                                               : NULL},
              "connected to %s: stream %s, durable %s, %.*s, %s", url, options->durable.stream,
              options->durable.name, (int)settings.length, settings.bytes,
              handler_text(&options->handler, handler));
    if (handler_is_builtin(&options->handler))
        log_info(log, "no COMMAND is given: the built-in handler only logs each job and "
                      "acknowledges it");
}

void worker_report_count(struct worker_report *report, const struct verdict *verdict,
                         enum settlement_action action)
{
    bool is_returned = verdict->kind == VERDICT_STOPPED || verdict->kind == VERDICT_UNSTARTED;
    if (verdict->kind == VERDICT_DONE)
        atomic_fetch_add(&report->done, 1);
    else if (is_returned && action != SETTLEMENT_DEAD_LETTER)
        atomic_fetch_add(&report->returned, 1);
    else
        atomic_fetch_add(&report->failed, 1);
    if (verdict->kind == VERDICT_HOPELESS)
        atomic_fetch_add(&report->hopeless, 1);
    if (action == SETTLEMENT_DEAD_LETTER)
        atomic_fetch_add(&report->dead, 1);
}

void worker_report_answer(struct worker_report *report, const struct connection *connection)
{
    if (connection_is_up(connection))
        atomic_store(&report->unsent, 0); /* after a reconnect, what had waited was sent first */
    else
        atomic_fetch_add(&report->unsent, 1);
}

static void warn_of_unsent(const struct worker_report *report, const struct connection *connection)
{
    uint64_t unsent = atomic_load(&report->unsent);
    if (unsent > 0 && !connection_is_up(connection))
        log_warn(connection_log(connection),
                 "not connected at the end: the server did not get the answers about %" PRIu64
                 " job%s, and hands %s out again",
                 unsent, unsent == 1 ? "" : "s", unsent == 1 ? "it" : "them");
}

void worker_report_end(const struct worker_report *report, const struct connection *connection)
{
    const struct log *log = connection_log(connection);
    warn_of_unsent(report, connection);
    uint64_t done = atomic_load(&report->done), failed = atomic_load(&report->failed),
             hopeless = atomic_load(&report->hopeless), dead = atomic_load(&report->dead),
             returned = atomic_load(&report->returned);
    int64_t ms = (clock_now() - report->begin) / DURATION_MS;
    json_t *fields =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "done", (json_int_t)done, "failed",
                  (json_int_t)failed, "hopeless", (json_int_t)hopeless, "dead", (json_int_t)dead,
                  "returned", (json_int_t)returned, "ms", (json_int_t)ms);
    char detail[40] = "";
    if (hopeless > 0)
        snprintf(detail, sizeof detail, " (hopeless %" PRIu64 ")", hopeless);
    log_event(log, (struct log_event){.level = LOG_LEVEL_INFO, .fields = fields},
              "done %" PRIu64 ", failed %" PRIu64 "%s, dead %" PRIu64 ", returned %" PRIu64
              ", %.1f s",
              done, failed, detail, dead, returned, (double)ms / 1000);
}
