#include "run/run_report.h"

#include "base/clock.h"
#include "base/duration.h"
#include "dlq.h"
#include "handler/handler_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

enum { RULE_MAX = HANDLER_TEXT_MAX + 100 };

/* What becomes of a dead job. */
static const char *rule_text(const struct dlq *dlq, char text[RULE_MAX])
{
    const struct dlq_options *options = dlq->options;
    char handler[HANDLER_TEXT_MAX];
    if (handler_decides_letters(&options->handler))
        snprintf(text, RULE_MAX, "letters are held after %" PRId64 " failed attempt%s, %s",
                 options->max_attempts, options->max_attempts == 1 ? "" : "s",
                 handler_text(&options->handler, handler));
    else
        snprintf(text, RULE_MAX, "dead jobs are put back %" PRId64 " time%s, then %s",
                 options->retries, options->retries == 1 ? "" : "s",
                 dlq->has_held ? "held" : "left where they are");
    return text;
}

static json_t *start_fields(const struct dlq *dlq, const char *server)
{
    const struct dlq_options *options = dlq->options;
    bool has_handler = handler_decides_letters(&options->handler);
    json_t *fields = has_handler ? handler_fields(&options->handler) : json_object();
    json_t *others =
        json_pack("{s:s, s:s, s:s, s:I, s:I}", "server", server, "dlq_stream", options->stream,
                  "origin", options->origin, has_handler ? "max_attempts" : "retries",
                  (json_int_t)(has_handler ? options->max_attempts : options->retries),
                  "sweep_every_ms", (json_int_t)(options->sweep_every / DURATION_MS));
    json_object_update_missing(fields, others);
    json_decref(others);
    return fields;
}

void run_report_start(struct run_report *report, const struct dlq *dlq)
{
    const struct dlq_options *options = dlq->options;
    char url[SERVER_URL_SHOWN_MAX], rule[RULE_MAX], every[DURATION_TEXT_MAX];
    report->begin = clock_now();
    connection_url(dlq->connection, url);
    log_event(dlq->log,
              (struct log_event){.level = LOG_LEVEL_INFO, .fields = start_fields(dlq, url)},
              "connected to %s: DLQ stream %s, origin %s, %s%s, %s", url, options->stream,
              options->origin, options->sweep_every ? "sweep every " : "",
              options->sweep_every ? duration_format(options->sweep_every, every) : "no sweep",
              rule_text(dlq, rule));
}

void run_report_end(const struct run_report *report, const struct dlq *dlq)
{
    uint64_t collected = atomic_load(&report->collected), done = atomic_load(&report->done),
             failed = atomic_load(&report->failed), put_back = atomic_load(&report->put_back),
             held = atomic_load(&report->held), swept = atomic_load(&report->swept);
    int64_t ms = (clock_now() - report->begin) / DURATION_MS;
    json_t *fields =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "collected", (json_int_t)collected, "done",
                  (json_int_t)done, "failed", (json_int_t)failed, "put_back", (json_int_t)put_back,
                  "held", (json_int_t)held, "swept", (json_int_t)swept, "ms", (json_int_t)ms);
    log_event(dlq->log, (struct log_event){.level = LOG_LEVEL_INFO, .fields = fields},
              "collected %" PRIu64 ", done %" PRIu64 ", failed %" PRIu64 ", put back %" PRIu64
              ", held %" PRIu64 ", swept %" PRIu64 ", %.1f s",
              collected, done, failed, put_back, held, swept, (double)ms / 1000);
}
