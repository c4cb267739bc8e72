/* environment: the environment of a handler's process.
 *
 * Our own variables without our credentials (NATS_PASSWORD, NATS_TOKEN, NATS_CREDS, …, a NATS_URL
 * with a password), and NATSQ_SUBJECT, NATSQ_STREAM, NATSQ_SEQ, NATSQ_DELIVERY, NATSQ_MAX_DELIVER,
 * NATSQ_JOB_ID, NATSQ_TIMESTAMP; for a dead job also NATSQ_REASON, NATSQ_ERROR, NATSQ_DELIVERIES,
 * NATSQ_RETRIES; the job's headers as NATSQ_HEADER_<NAME>, as many as fit; TRACEPARENT. */
#ifndef NATSQ_ENVIRONMENT_H
#define NATSQ_ENVIRONMENT_H

#include "handler/attempt.h"

/* Limits of what a job adds. The kernel accepts 128 KiB for a variable, and usually 2 MiB in all.
 */
enum { ENVIRONMENT_VARIABLES = 512, ENVIRONMENT_KIB = 96 };

struct environment;

/* Copies our variables; serves any number of jobs. */
struct environment *environment_open(struct error *error);
void environment_close(struct environment *environment);

/* The variables for an attempt, NULL-terminated; valid until the next call. */
char *const *environment_for(struct environment *environment, const struct attempt *attempt);

/* The same variables without the job's headers, if the system refuses them as too large. */
char *const *environment_without_headers(struct environment *environment);

/* The names of the variables that did not fit, cut to a line; "" if all did. Valid until the next
 * call. */
const char *environment_omitted(const struct environment *environment);

/* The variables for a process that serves many attempts: none that differs from job to job. */
char *const *environment_for_coprocess(struct environment *environment,
                                       const struct attempt *attempt);

CLEANUP_DEFINE(struct environment *, cleanup_environment, environment_close)

#endif
