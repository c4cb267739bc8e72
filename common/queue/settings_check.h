/* settings_check: a stream's or durable's settings, judged by the table of settings.h when a
 * program starts and while it runs. */
#ifndef NATSQ_SETTINGS_CHECK_H
#define NATSQ_SETTINGS_CHECK_H

#include "nats/requester.h"
#include "queue/settings.h"

/* Something that is looked at again and again. Names are the caller's. */
struct settings_target {
    enum settings_object object;
    const char *stream, *consumer; /* a stream's: `consumer` is NULL */
    uint64_t reported;             /* rows: warned of, until they are mended */
};

/* -1 (78, with the command that mends it) when `config` has a setting that is refused. Logs what is
 * adapted to or warned of, once; `log` NULL logs nothing. */
int settings_judge(struct settings_target *target, const struct json_t *config,
                   const struct log *log, struct error *error);

/* The configuration that the server has now, which the caller owns; NULL when it does not answer.
 */
struct json_t *settings_read(const struct settings_target *target, struct requester *requester);

/* Judges it; 0 also when the server does not answer. */
int settings_check(struct settings_target *target, struct requester *requester,
                   const struct log *log, struct error *error);

#endif
