#include "doctor/flow.h"

#include "base/duration.h"

/* A worker that was killed so recently may pass for one with a low --rate. */
static const int64_t just_now = 10 * DURATION_S;

/* In flight for so long with nothing pending is worth a look. */
static const int64_t long_in_flight = 10 * DURATION_MINUTE;

/* An acknowledgement may be old because there was nothing to do. */
static int64_t stuck_for(const struct flow_look *look)
{
    int64_t now = look->state.time, done = look->state.acked_at, stored = look->oldest;
    int64_t since = done > stored ? done : stored;
    if (since <= 0 || now == 0)
        return -1;
    return now > since ? now - since : 0;
}

/* Jobs in flight that were delivered once wait for their handlers, and no worker is missing. */
static bool has_work(const struct flow_look *look, bool in_flight_is_work)
{
    const struct durable_state *state = &look->state;
    return state->pending > 0 ||
           (state->ack_pending > 0 &&
            (in_flight_is_work || state->redelivered > 0 || durable_leases_are_over(state) ||
             stuck_for(look) >= long_in_flight));
}

static bool is_paused(const struct durable_state *state)
{
    return state->paused_until > state->time && state->time > 0;
}

bool flow_is_suspicious(const struct flow_look *look, bool in_flight_is_work)
{
    return has_work(look, in_flight_is_work) && !is_paused(&look->state) &&
           look->state.waiting == 0;
}

static uint64_t increase(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

/* Deliveries that are no longer in flight; a redelivery counts among them, too, but removes nothing
 * from the stream. */
static uint64_t done_between(const struct flow_look *before, const struct flow_look *after)
{
    uint64_t settled = increase(after->state.ack_pending,
                                before->state.ack_pending +
                                    increase(before->state.deliveries, after->state.deliveries));
    uint64_t removed = increase(before->removed, after->removed);
    return settled < removed ? settled : removed;
}

static void measure(struct flow_report *report, const struct flow_look *before,
                    const struct flow_look *after)
{
    const struct durable_state *now = &after->state;
    int64_t ns = now->time - before->state.time;
    uint64_t done = done_between(before, after);
    report->grows = now->pending > before->state.pending;
    if (ns <= 0 || done == 0)
        return;
    report->rate = (double)done * (double)DURATION_S / (double)ns;
    report->left =
        (int64_t)((double)(now->pending + now->ack_pending) / report->rate * (double)DURATION_S);
}

struct flow_report flow_judge(const struct flow_look *before, const struct flow_look *after,
                              bool in_flight_is_work)
{
    const struct durable_state *now = &after->state;
    struct flow_report report = {
        .flow = FLOW_FREE, .left = -1, .quiet = durable_quiet_for(now), .stuck = stuck_for(after)};
    if (!has_work(after, in_flight_is_work) || is_paused(now))
        return report;
    bool moves =
        now->deliveries > before->state.deliveries || now->ack_pending < before->state.ack_pending;
    if (moves) {
        report.flow = FLOW_MOVES;
        measure(&report, before, after);
    } else if (now->waiting > 0) {
        report.flow = FLOW_FREE;
    } else if (now->ack_pending > 0) {
        report.flow = durable_leases_are_over(now) ? FLOW_GONE : FLOW_BUSY;
    } else {
        report.flow = report.quiet >= 0 && report.quiet < just_now ? FLOW_SLOW : FLOW_NO_WORKER;
    }
    return report;
}
