#include "run/periodic_sweep.h"

#include "base/duration.h"
#include "base/stop.h"
#include "dlq.h"
#include "handler/job_name.h"
#include "letter/letter_fields.h"
#include "run/run_report.h"
#include "run/warn_or_stop.h"
#include "sweep/sweep.h"

#include <inttypes.h>
#include <string.h>

/* What the last sweep reported: a warning is repeated only when there is news. */
struct reported {
    struct sweep_counts counts;
    char error[ERROR_TEXT_MAX];
};

static void log_wait(void *closure, size_t suspects, int64_t ns)
{
    const struct dlq *dlq = closure;
    char text[DURATION_TEXT_MAX];
    log_debug(dlq->log, "%zu job%s dead: looking again in %s", suspects,
              suspects == 1 ? " seems" : "s seem", duration_format(ns, text));
}

static void log_swept(void *closure, const struct swept *swept)
{
    const struct dlq *dlq = closure;
    struct job_name name;
    if (swept->outcome == SWEEP_WOULD) /* the DLQ stream stores no letters: the dead are counted */
        return;
    if (swept->outcome == SWEEP_REFUSED)
        log_letter(dlq->log, LOG_LEVEL_WARN, swept->letter,
                   "no letter for # %" PRIu64 ", which died unnoticed: %s; trying again",
                   swept->letter->seq, swept->why);
    else {
        atomic_fetch_add(&dlq->report->swept, 1);
        job_name(&name, &dlq->options->handler, swept->job, swept->letter->seq);
        log_letter(dlq->log, LOG_LEVEL_ERROR, swept->letter, "%s%s died unnoticed: %s", name.text,
                   name.seq, sweep_outcome_text(swept->outcome));
    }
}

/* Dead jobs count only where the DLQ stream stores no letters: elsewhere log_swept reports them. */
static bool is_news(const struct dlq *dlq, const struct sweep_counts *counts,
                    const struct sweep_counts *before)
{
    return (!dlq->has_dead && counts->dead > before->dead) ||
           counts->left_alone.unproven > before->left_alone.unproven ||
           counts->left_alone.skipped > before->left_alone.skipped ||
           counts->unmatched.count > before->unmatched.count;
}

static void handle_error(const struct dlq *dlq, const char *what, const struct error *error)
{
    struct error with_what;
    error_set(&with_what, error->exit_code, "%s: %s", what, error->text);
    warn_or_stop(dlq, &with_what);
}

static void sweep_once(struct dlq *dlq, struct sweep *sweep, struct reported *reported)
{
    struct error error = {0};
    struct sweep_counts counts;
    int result = sweep_pass(sweep, &counts, &error);
    if (result < 0 && strcmp(error.text, reported->error) != 0)
        handle_error(dlq, "sweep", &error);
    memcpy(reported->error, error.text, sizeof reported->error);
    if (result != 0)
        return;
    if (is_news(dlq, &counts, &reported->counts))
        sweep_warn_left_alone(dlq, &counts);
    reported->counts = counts;
}

void *periodic_sweep_run(void *closure)
{
    struct dlq *dlq = closure;
    _cleanup_(cleanup_sweep) struct sweep *sweep = NULL;
    struct error error = {0};
    struct reported reported = {0};
    const struct sweep_callbacks callbacks = {
        .on_swept = log_swept, .on_wait = log_wait, .closure = dlq};
    if (sweep_open(&sweep, dlq, &callbacks, &error) < 0)
        handle_error(dlq, "no sweep", &error);
    while (sweep && !stop_wait(dlq->options->sweep_every))
        sweep_once(dlq, sweep, &reported);
    return NULL;
}
