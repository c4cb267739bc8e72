#include "watch/queue_pace.h"

#include "base/duration.h"

static int64_t moved(uint64_t before, uint64_t now)
{
    return (int64_t)(now - before);
}

static int64_t not_below_0(int64_t n)
{
    return n > 0 ? n : 0;
}

static int64_t smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static int64_t stored(const struct queue_look *before, const struct queue_look *now,
                      enum dlq_subject which)
{
    return moved(before->stored[which].n, now->stored[which].n);
}

/* How many messages of its filter were published, when a durable of `run` counts them: it has
 * delivered them, or will. A new one began with those that were `stored` before. Redeliveries count
 * too: hence at most `most`. -1: there is no durable, or it was recreated. */
static int64_t counted(const struct durable_state *before, const struct durable_state *now,
                       uint64_t stored, int64_t most)
{
    if (now->created == 0 || (before->created != 0 && now->created != before->created))
        return -1;
    uint64_t began = before->created == 0 ? stored : before->pending + before->deliveries;
    int64_t n = moved(began, now->pending + now->deliveries);
    return smaller(not_below_0(n), not_below_0(most));
}

/* `run` removes letters and advisories soon, so its durables' counters say more than the number of
 * stored messages. Each message of the DLQ stream is only one of these. */
static int64_t published(const struct queue_look *before, const struct queue_look *now,
                         enum dlq_subject which)
{
    bool is_dead = which == DLQ_DEAD;
    int64_t most = moved(before->letters.last_seq, now->letters.last_seq);
    if (is_dead)
        most -= not_below_0(stored(before, now, DLQ_HELD));
    int64_t n = counted(is_dead ? &before->decides : &before->collects,
                        is_dead ? &now->decides : &now->collects, before->stored[which].n, most);
    return n >= 0 ? n : not_below_0(stored(before, now, which));
}

struct queue_pace queue_pace_between(const struct queue_look *before, const struct queue_look *now)
{
    double seconds = (double)(now->at - before->at) / (double)DURATION_S;
    if (now->at <= before->at || before->origin.created != now->origin.created ||
        before->letters.created != now->letters.created)
        return (struct queue_pace){.is_known = false};
    int64_t came = not_below_0(moved(before->origin.last_seq, now->origin.last_seq));
    int64_t left = came - moved(before->origin.messages, now->origin.messages);
    int64_t dead = 0, removed;
    if (now->has_letters) { /* an advisory that was collected is a letter now */
        removed = published(before, now, DLQ_DEAD);
        dead = removed + stored(before, now, DLQ_ADVISORIES);
    } else { /* `run` puts the job back straight from the advisory */
        dead = published(before, now, DLQ_ADVISORIES);
        removed = dead - stored(before, now, DLQ_ADVISORIES);
    }
    return (struct queue_pace){
        .is_known = true,
        .published = (double)came / seconds,
        .done = (double)not_below_0(left - not_below_0(removed)) / seconds,
        .dead = (double)not_below_0(dead) / seconds,
    };
}
