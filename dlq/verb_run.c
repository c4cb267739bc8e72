#include "collector.h"
#include "decider.h"
#include "stop.h"
#include "verb.h"

#include <pthread.h>

/* The walk-through's DLQ stream has the advisories alone. */
static void say_what_is_missing(const struct dlq *dlq)
{
    const char *origin = dlq->options->origin, *stream = dlq->options->stream;
    if (dlq->has_dead && dlq->has_held)
        return;
    log_warn(dlq->log,
             "stream %s has no subjects for letters: jobs are put back straight from the "
             "advisories and none can be held; to add them: nats stream edit %s -f "
             "--subjects='$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.%s.*' "
             "--subjects='natsq.dead.%s.>' --subjects='natsq.held.%s.>'",
             stream, stream, origin, origin, origin);
}

static void *decide(void *decider)
{
    decider_run(decider);
    return NULL;
}

static void *collect(void *collector)
{
    collector_run(collector);
    return NULL;
}

static int start(pthread_t *thread, void *(*run)(void *), void *closure, struct error *error)
{
    if (pthread_create(thread, NULL, run, closure) == 0)
        return 0;
    return error_set(error, EX_OSERR, "cannot start a thread");
}

/* Collecting goes on at once, in a thread of its own, not when a decision is over. */
static int run_both(struct collector *collector, struct decider *decider, struct error *error)
{
    pthread_t collecting, deciding;
    if (start(&collecting, collect, collector, error) < 0)
        return -1;
    int result = decider ? start(&deciding, decide, decider, error) : 0;
    if (result == 0)
        stop_wait(-1);
    collector_stop(collector);
    pthread_join(collecting, NULL);
    if (decider && result == 0) {
        decider_stop(decider);
        pthread_join(deciding, NULL);
    }
    return result;
}

int verb_run(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_collector) struct collector *collector = NULL;
    _cleanup_(cleanup_decider) struct decider *decider = NULL;
    say_what_is_missing(dlq);
    if (dlq->has_dead && decider_open(&decider, dlq, error) < 0)
        return -1;
    if (collector_open(&collector, dlq, error) < 0)
        return -1;
    return run_both(collector, decider, error);
}
