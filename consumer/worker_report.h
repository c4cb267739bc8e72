/* worker_report: what a worker says first and last: what it is connected to and which settings are
 * in force; how many attempts it made, and how they ended. */
#ifndef NATSQ_WORKER_REPORT_H
#define NATSQ_WORKER_REPORT_H

#include "consumer_options.h"
#include "handler/verdict.h"
#include "nats/connection.h"
#include "queue/durable_state.h"
#include "settlement.h"

#include <stdatomic.h>

/* Initialize it with zeros. */
struct worker_report {
    int64_t begin; /* monotonic ns */
    atomic_uint_fast64_t done, failed, hopeless, dead, returned;
    atomic_uint_fast64_t unsent; /* answers that wait for the reconnect */
};

/* Logs the first line, and one more for the built-in handler. */
void worker_report_start(struct worker_report *report, const struct consumer_options *options,
                         const struct connection *connection, const struct durable_state *durable);

/* Counts a settled attempt. Any thread. */
void worker_report_count(struct worker_report *report, const struct verdict *verdict,
                         enum settlement_action action);

/* Counts the answer about a job, which was just given to the connection. Any thread. */
void worker_report_answer(struct worker_report *report, const struct connection *connection);

/* Logs the last line, and before it how many answers the server did not get. */
void worker_report_end(const struct worker_report *report, const struct connection *connection);

#endif
