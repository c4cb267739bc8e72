#include "sweep/origin_scan.h"

#include "dlq.h"
#include "queue/stream_reader.h"

#include <stdlib.h>

struct origin_scan {
    struct dlq *dlq;
    const struct consumer_list *consumers;
    size_t consumer, filter;             /* where it is */
    struct stream_reader *stream_reader; /* by that filter; NULL: not begun */
    uint64_t unproven; /* of this consumer, those that wait for another attempt counted in */
    struct origin_scan_counts doubt;
};

int origin_scan_open(struct origin_scan **opened, struct dlq *dlq,
                     const struct consumer_list *consumers, struct error *error)
{
    struct origin_scan *scan = calloc(1, sizeof *scan);
    if (!scan)
        return error_set(error, EX_OSERR, "out of memory");
    scan->dlq = dlq;
    scan->consumers = consumers;
    *opened = scan;
    return 0;
}

void origin_scan_close(struct origin_scan *scan)
{
    if (!scan)
        return;
    stream_reader_close(scan->stream_reader);
    free(scan);
}

const struct origin_scan_counts *origin_scan_counts(const struct origin_scan *scan)
{
    return &scan->doubt;
}

static const struct consumer *current(const struct origin_scan *scan)
{
    return &scan->consumers->items[scan->consumer];
}

/* What it delivered and does not wait for is dead, though nobody can tell which. */
static void end_consumer(struct origin_scan *scan)
{
    const struct durable_state *state = &current(scan)->state;
    if (state->max_deliver <= 0)
        scan->doubt.skipped += scan->unproven;
    else if (scan->unproven > state->ack_pending)
        scan->doubt.unproven += scan->unproven - state->ack_pending;
    scan->unproven = 0;
    scan->filter = 0;
    scan->consumer++;
}

/* Begins to read by the current filter, or the next. 1: there is none left. */
static int begin(struct origin_scan *scan, struct error *error)
{
    while (scan->consumer < scan->consumers->n) {
        const char *filter = consumer_filter(current(scan), scan->filter);
        if (filter)
            return stream_reader_open(&scan->stream_reader, scan->dlq->connection,
                                      scan->dlq->options->origin, filter, 0, error);
        end_consumer(scan);
    }
    return 1;
}

static void end_filter(struct origin_scan *scan)
{
    stream_reader_close(take(scan->stream_reader));
    scan->filter++;
}

/* Whether it is a find; at the first job that cannot be one, nor any behind it, the filter ends. */
static bool consider(struct origin_scan *scan, const struct job *job, struct suspect *find)
{
    const struct consumer *consumer = current(scan);
    uint64_t seq = job->delivery.seq;
    switch (death_proof_once(&consumer->state, seq)) {
    case DEATH_PROVEN:
        *find = (struct suspect){consumer, seq, job->delivery.stored_at};
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

int origin_scan_next(struct origin_scan *scan, struct suspect *find, struct error *error)
{
    for (;;) {
        struct job job = {0};
        const char *subject;
        int result = scan->stream_reader ? 0 : begin(scan, error);
        if (result != 0)
            return result;
        result = stream_reader_next(scan->stream_reader, &job, &subject, error);
        if (result < 0)
            return -1;
        bool found = result == 0 && consider(scan, &job, find);
        if (result > 0)
            end_filter(scan);
        job_clear(&job);
        if (found)
            return 0;
    }
}
