/* settings: the table of stream and durable settings that break a promise of natsq: what each of
 * them breaks, what natsq does about it, and the command that fixes it. Pure.
 *
 * Only settings with which natsq itself would lose, corrupt or never get a job are refused; the
 * others are the owner's choice and are reported once. docs/settings.md has the same rows. */
#ifndef NATSQ_SETTINGS_H
#define NATSQ_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

struct json_t;

enum settings_object {
    SETTINGS_ORIGIN = 1 << 0,
    SETTINGS_DLQ = 1 << 1,
    SETTINGS_DURABLE = 1 << 2,        /* on either stream */
    SETTINGS_DEAD_LETTERING = 1 << 3, /* the DLQ stream, for a worker that stores letters in it */
};

enum settings_action {
    SETTINGS_REFUSE, /* exit 78 */
    SETTINGS_ADAPT,  /* natsq works within it */
    SETTINGS_WARN,
    SETTINGS_REPORT, /* reported only by doctor */
};

enum settings_health { SETTINGS_GOOD, SETTINGS_WARNING, SETTINGS_CRITICAL };

enum settings_test {
    SETTINGS_TRUE,
    SETTINGS_FALSE,
    SETTINGS_SET, /* a number above 0, or a text, list or object that is not empty */
    SETTINGS_IS,
    SETTINGS_IS_NOT,
    SETTINGS_FUTURE,  /* a time in the future */
    SETTINGS_LETTERS, /* a subject transform that applies to letters or advisories */
};

struct setting {
    const char *key; /* in the `config` of STREAM.INFO or CONSUMER.INFO */
    unsigned objects;
    enum settings_test test;
    enum settings_action action;
    enum settings_health health;
    /* Templates with {stream}, {consumer} and {value}, and {nats}, {dlq} and {streams}, which are
     * the commands that are there. No fix: NULL. A command of natscli stands at its end. */
    const char *breaks, *fix;
    const char *text;   /* used by SETTINGS_IS and SETTINGS_IS_NOT */
    const char *unless; /* another key: where it is true the row does not count; or NULL */
};

enum { SETTINGS_TEXT_MAX = 768 };

/* All rows; `n` is their number. */
const struct setting *settings_table(size_t *n);

/* The rows of `object` that apply to `config`, one bit each, at the time `now` (ns since 1970). */
uint64_t settings_found(enum settings_object object, const struct json_t *config, int64_t now);

/* Fills in a row's `breaks` or `fix`; `consumer` is NULL for a stream's row. Returns `text`. */
const char *settings_expand(const struct setting *setting, const char *template, const char *stream,
                            const char *consumer, const struct json_t *config,
                            char text[SETTINGS_TEXT_MAX]);

#endif
