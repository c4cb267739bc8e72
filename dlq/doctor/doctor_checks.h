/* doctor_checks: the checks of `dlq doctor`, and what they share. A new one is a function
 * doctor_check_<what>, declared here and named in the table of doctor.c. */
#ifndef NATSQ_DOCTOR_CHECKS_H
#define NATSQ_DOCTOR_CHECKS_H

#include "queue/settings.h"

#include <stdbool.h>

struct doctor;

/* Reports what it finds, good or bad. It runs only if what its row says that it needs could be
 * read; if not, that has been reported already. */
typedef void doctor_check(struct doctor *doctor);

/* doctor_server.c */
doctor_check doctor_check_jetstream, doctor_check_version, doctor_check_disk;
/* doctor_permissions.c */
doctor_check doctor_check_permissions;
/* doctor_streams.c */
doctor_check doctor_check_origin, doctor_check_dlq, doctor_check_subjects, doctor_check_replicas,
    doctor_check_room;
/* doctor_consumers.c */
doctor_check doctor_check_consumers, doctor_check_filters, doctor_check_handlers,
    doctor_check_history;
/* doctor_jobs.c */
doctor_check doctor_check_stalled, doctor_check_unnoticed, doctor_check_waiting, doctor_check_held;

/* doctor_settings.c: reports the rows of the table of settings that `config` meets. True when there
 * is none. `consumer` is NULL for a stream. */
bool doctor_report_settings(struct doctor *doctor, enum settings_object object, const char *stream,
                            const char *consumer, const struct json_t *config);

#endif
