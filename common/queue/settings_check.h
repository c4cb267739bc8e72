/* settings_check: checks the settings of a stream or durable against the table of settings.h, when
 * a program starts and while it runs. */
#ifndef NATSQ_SETTINGS_CHECK_H
#define NATSQ_SETTINGS_CHECK_H

#include "nats/requester.h"
#include "queue/settings.h"

/* A stream or durable that is checked repeatedly. The names are borrowed. */
struct settings_target {
    enum settings_object object;
    const char *stream, *consumer; /* NULL for a stream */
    uint64_t reported;             /* the rows that were logged and still apply */
};

/* -1 (78, with the command that fixes it) when `config` has a setting that is refused. Logs the
 * other rows once; `log` NULL: nothing. */
int settings_judge(struct settings_target *target, const struct json_t *config,
                   const struct log *log, struct error *error);

/* The current configuration, which the caller owns; NULL when the server does not answer. */
struct json_t *settings_read(const struct settings_target *target, struct requester *requester);

/* Reads and checks it; 0 also when the server does not answer. */
int settings_check(struct settings_target *target, struct requester *requester,
                   const struct log *log, struct error *error);

#endif
