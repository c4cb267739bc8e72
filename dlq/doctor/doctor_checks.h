/* doctor_checks: the checks of `dlq doctor`, and what they share. A new one is a function
 * doctor_check_<what>, declared here and named in the table of doctor.c. */
#ifndef NATSQ_DOCTOR_CHECKS_H
#define NATSQ_DOCTOR_CHECKS_H

#include "queue/settings.h"

#include <stdbool.h>

struct consumer;
struct doctor;
struct error;

/* Reports what it finds, good or bad. It runs only if what its row says that it needs could be
 * read; if not, that has been reported already. */
typedef void doctor_check(struct doctor *doctor);

/* doctor_server.c */
doctor_check doctor_check_jetstream, doctor_check_version, doctor_check_disk, doctor_check_unseen;
/* doctor_clock.c */
doctor_check doctor_check_clock;
/* doctor_permissions.c */
doctor_check doctor_check_permissions;
/* doctor_streams.c */
doctor_check doctor_check_origin, doctor_check_dlq, doctor_check_subjects, doctor_check_replicas,
    doctor_check_room;
/* doctor_consumers.c */
doctor_check doctor_check_consumers, doctor_check_filters, doctor_check_handlers,
    doctor_check_history;
/* doctor_workers.c */
doctor_check doctor_check_stalled, doctor_check_backlog;
/* doctor_jobs.c */
doctor_check doctor_check_unnoticed, doctor_check_waiting, doctor_check_held;

/* ---- Before the checks run */

/* doctor_names.c: whether the two streams belong together, as far as they could be read. If not,
 * that is reported with what was meant, and the checks of the streams mean nothing: their advice
 * could lose letters. */
bool doctor_streams_belong(struct doctor *doctor);

/* doctor_watch.c: fills in `workers` and `handlers`. Looks at durables whose jobs may be stalled
 * again and again for two seconds, all of them at once; a healthy queue costs no time, and a stop
 * ends it. -1: out of memory. */
int doctor_watch(struct doctor *doctor, struct error *error);

/* ---- What checks share */

enum { WORKER_WORDS_MAX = 2048 };

/* "'orders.*' --durable processor": the arguments that start a worker of the consumer. Returns
 * `words`. */
const char *doctor_worker_words(const struct consumer *consumer, char words[WORKER_WORDS_MAX]);

/* doctor_settings.c: reports the rows of the table of settings that `config` meets. True when there
 * is none. `consumer` is NULL for a stream; `pending` messages wait for it. */
bool doctor_report_settings(struct doctor *doctor, enum settings_object object, const char *stream,
                            const char *consumer, const struct json_t *config, uint64_t pending);

#endif
