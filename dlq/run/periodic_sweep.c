#include "run/periodic_sweep.h"

#include "base/duration.h"
#include "base/stop.h"
#include "base/text.h"
#include "dlq.h"
#include "run/warn_or_stop.h"
#include "sweep/sweep.h"

#include <inttypes.h>
#include <string.h>

/* What was said last: a warning is repeated only when there is news. */
struct said {
    struct sweep_counts counts;
    char error[ERROR_TEXT_MAX];
};

static void say_wait(void *closure, size_t suspects, int64_t ns)
{
    const struct dlq *dlq = closure;
    char text[DURATION_TEXT_MAX];
    log_debug(dlq->log, "%zu jobs seem dead: looking again in %s", suspects,
              duration_format(ns, text));
}

static void report(void *closure, const struct swept *swept)
{
    const struct dlq *dlq = closure;
    char shown[TEXT_MAX];
    size_t length;
    const char *body = job_body(swept->job, &length);
    if (swept->outcome == SWEEP_WOULD) /* no letters here: they are counted */
        return;
    if (swept->outcome == SWEEP_REFUSED)
        log_warn(dlq->log, "no letter for # %" PRIu64 ", which died unnoticed: %s; trying again",
                 swept->letter->seq, swept->why);
    else
        log_info(dlq->log, "%s (# %" PRIu64 ") died unnoticed: %s",
                 text_escape(body, length, shown), swept->letter->seq,
                 sweep_outcome_text(swept->outcome));
}

/* Where no letters are made, nobody else tells of the dead. */
static bool is_news(const struct dlq *dlq, const struct sweep_counts *counts,
                    const struct sweep_counts *said)
{
    return (!dlq->has_dead && counts->dead > said->dead) || counts->unproven > said->unproven ||
           counts->skipped > said->skipped || counts->unmatched.count > said->unmatched.count;
}

static void tell(const struct dlq *dlq, const char *what, const struct error *error)
{
    struct error told;
    error_set(&told, error->exit_code, "%s: %s", what, error->text);
    warn_or_stop(dlq, &told);
}

static void sweep_once(struct dlq *dlq, struct sweep *sweep, struct said *said)
{
    struct error error = {0};
    struct sweep_counts counts;
    int result = sweep_pass(sweep, &counts, &error);
    if (result < 0 && strcmp(error.text, said->error) != 0)
        tell(dlq, "sweep", &error);
    memcpy(said->error, error.text, sizeof said->error);
    if (result != 0)
        return;
    if (is_news(dlq, &counts, &said->counts))
        sweep_warn_left_alone(dlq, &counts);
    said->counts = counts;
}

void periodic_sweep_run(struct dlq *dlq)
{
    _cleanup_(cleanup_sweep) struct sweep *sweep = NULL;
    struct error error = {0};
    struct said said = {0};
    const struct sweep_listener listener = {.swept = report, .waits = say_wait, .closure = dlq};
    if (sweep_open_anyway(&sweep, dlq, &listener, &error) < 0) {
        tell(dlq, "no sweep", &error);
        return;
    }
    while (!stop_wait(dlq->options->sweep_every))
        sweep_once(dlq, sweep, &said);
}
