#include "sweep/origin_scan.h"

#include "dlq.h"
#include "queue/stream_reader.h"
#include "streams/consumer_list.h"
#include "sweep/death_proof.h"

void origin_scan_end(struct origin_scan *scan)
{
    stream_reader_close(take(scan->reader));
}

static const struct consumer *current(const struct origin_scan *scan)
{
    return &scan->consumers->items[scan->consumer];
}

/* Of the jobs without proof, as many as the consumer has pending wait for another attempt. The rest
 * is dead, but nothing tells which those are. */
static void end_consumer(struct origin_scan *scan)
{
    const struct durable_state *state = &current(scan)->state;
    if (state->max_deliver <= 0)
        scan->left_alone.skipped += scan->unproven;
    else if (scan->unproven > state->ack_pending)
        scan->left_alone.unproven += scan->unproven - state->ack_pending;
    scan->unproven = 0;
    scan->filter = 0;
    scan->consumer++;
}

/* Opens a reader for the current filter, or for the first one of the next consumer. 1: there is
 * none left. */
static int begin_filter(struct origin_scan *scan, struct error *error)
{
    while (scan->consumer < scan->consumers->n) {
        const char *filter = consumer_filter(current(scan), scan->filter);
        if (filter)
            return stream_reader_open(&scan->reader, scan->dlq->connection,
                                      scan->dlq->options->origin, filter, 0, error);
        end_consumer(scan);
    }
    return 1;
}

static void end_filter(struct origin_scan *scan)
{
    origin_scan_end(scan);
    scan->filter++;
}

/* True: it is a suspect. Ends the filter at the first job whose death is ruled out: all jobs after
 * it have higher sequences, and are alive too. */
static bool is_suspect(struct origin_scan *scan, const struct job *job, struct suspect *suspect)
{
    const struct consumer *consumer = current(scan);
    uint64_t seq = job->delivery.seq;
    switch (death_proof_once(&consumer->state, seq)) {
    case DEATH_PROVEN:
        *suspect = (struct suspect){consumer, seq, job->delivery.stored_at};
        return true;
    case DEATH_UNPROVEN:
        scan->unproven++;
        break;
    case DEATH_RULED_OUT:
        end_filter(scan);
        break;
    }
    return false;
}

int origin_scan_next(struct origin_scan *scan, struct suspect *suspect, struct error *error)
{
    for (;;) {
        struct job job = {0};
        int result = scan->reader ? 0 : begin_filter(scan, error);
        if (result != 0)
            return result;
        result = stream_reader_next(scan->reader, &job, error);
        if (result < 0)
            return -1;
        bool found = result == 0 && is_suspect(scan, &job, suspect);
        if (result > 0)
            end_filter(scan);
        job_clear(&job);
        if (found)
            return 0;
    }
}
