#include "watch/watch.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "dlq.h"
#include "nats/requester.h"

#include <stdio.h>

/* How much of the time may be spent on reading letters. */
enum { READING = 4 };
static const int64_t reading_most = DURATION_S;

void watch_begin(struct watch *watch, struct dlq *dlq, int64_t every)
{
    *watch = (struct watch){.dlq = dlq, .every = every, .answered = clock_now()};
    requester_abandon_on_stop(dlq->requester);
}

void watch_end(struct watch *watch)
{
    queue_look_clear(&watch->look);
    letter_census_clear(&watch->census);
}

static void add_pace(struct watch *watch, struct queue_pace pace)
{
    watch->pace = pace;
    sparkline_add(&watch->published, pace.is_known ? pace.published : -1);
    sparkline_add(&watch->done, pace.is_known ? pace.done : -1);
    sparkline_add(&watch->dead, pace.is_known ? pace.dead : -1);
}

static int fail(struct watch *watch, const char *why)
{
    snprintf(watch->trouble, sizeof watch->trouble, "%s", why);
    add_pace(watch, (struct queue_pace){0});
    return 0;
}

static int take_first(struct watch *watch, struct queue_look *look, struct error *error)
{
    return watch->look.at ? queue_look_take(look, &watch->look, watch->dlq, error)
                          : queue_look_take_whole(look, watch->dlq, error);
}

int watch_take(struct watch *watch, struct error *error)
{
    _cleanup_(queue_look_clear) struct queue_look look = {0};
    int64_t budget = watch->every / READING;
    if (!connection_is_up(watch->dlq->connection))
        return fail(watch, "not connected");
    int result = take_first(watch, &look, error);
    if (result < 0)
        return error->exit_code == EX_UNAVAILABLE ? fail(watch, error->text) : -1;
    if (result > 0)
        return fail(watch, look.trouble);
    *watch->trouble = '\0';
    watch->answered = look.at;
    add_pace(watch,
             watch->look.at ? queue_pace_between(&watch->look, &look) : (struct queue_pace){0});
    queue_look_clear(&watch->look);
    watch->look = look;
    look = (struct queue_look){0};
    return letter_census_update(&watch->census, &watch->look, watch->dlq,
                                budget < reading_most ? budget : reading_most, error);
}

int64_t watch_silence(const struct watch *watch)
{
    return *watch->trouble ? clock_now() - watch->answered : 0;
}

int64_t watch_oldest_letter(const struct watch *watch)
{
    int64_t oldest = 0;
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++) {
        const struct first_match *first = &watch->look.stored[which];
        bool counts = which == DLQ_ADVISORIES ? watch->census.announced > 0 : first->n > 0;
        if (counts && (oldest == 0 || first->time < oldest))
            oldest = first->time;
    }
    return oldest;
}
