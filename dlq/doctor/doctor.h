/* doctor: looks at everything that natsq needs of a server, and says what is wrong and what to do.
 * Each check is a function in a table; it looks, and changes nothing. */
#ifndef NATSQ_DOCTOR_H
#define NATSQ_DOCTOR_H

#include "letters/tty_progress.h"
#include "queue/settings.h"
#include "streams/consumer_list.h"
#include "streams/dlq_durable.h"

struct dlq;

enum health { HEALTH_GOOD, HEALTH_WARNING, HEALTH_CRITICAL }; /* the exit codes, too */

struct finding {
    const char *check;
    enum health health;
    char text[512];
    char advice[1024]; /* empty: nothing to do */
};

/* What was read before the checks, and what they found. */
struct doctor {
    struct tty_progress progress;
    struct dlq *dlq;
    struct requester *requester;
    struct json_t *origin, *letters;               /* STREAM.INFO; NULL: could not be read */
    struct json_t *origin_config, *letters_config; /* their `config` */
    struct consumer_list workers, handlers;        /* the consumers of the origin, and of the DLQ */
    bool knows_workers, knows_handlers;
    const char *check; /* the name of the one that runs */
    struct finding *findings;
    size_t n, room;
};

/* Reads the streams and their consumers, and runs the checks. -1 when that cannot begin. */
int doctor_run(struct doctor *doctor, struct error *error);
void doctor_close(struct doctor *doctor);

/* Adds a finding of the check that runs. */
void doctor_say(struct doctor *doctor, enum health health, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What to do about the finding that was added last. */
void doctor_advise(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "good", "warning", "critical": total. */
const char *health_text(enum health health);

/* doctor_settings.c: the rows of the table that `config` meets. True when there is none. `consumer`
 * is NULL for a stream. */
bool doctor_check_settings(struct doctor *doctor, enum settings_object object, const char *stream,
                           const char *consumer, const struct json_t *config);

/* doctor_streams.c */
void doctor_check_origin(struct doctor *doctor);
void doctor_check_dlq(struct doctor *doctor);
void doctor_check_subjects(struct doctor *doctor);
void doctor_check_replicas(struct doctor *doctor);
void doctor_check_room(struct doctor *doctor);

/* doctor_server.c */
void doctor_check_jetstream(struct doctor *doctor);
void doctor_check_version(struct doctor *doctor);
void doctor_check_disk(struct doctor *doctor);

/* doctor_permissions.c */
void doctor_check_permissions(struct doctor *doctor);

/* doctor_consumers.c */
void doctor_find_durable(const struct doctor *doctor, enum dlq_duty duty,
                         struct dlq_durable *durable);
void doctor_check_consumers(struct doctor *doctor);
void doctor_check_filters(struct doctor *doctor);
void doctor_check_handlers(struct doctor *doctor);
void doctor_check_history(struct doctor *doctor);

/* doctor_jobs.c */
void doctor_check_stalled(struct doctor *doctor);
void doctor_check_unnoticed(struct doctor *doctor);
void doctor_check_waiting(struct doctor *doctor);
void doctor_check_held(struct doctor *doctor);

#endif
