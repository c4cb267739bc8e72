/* settings: settings of streams and durables that break a promise of natsq, in one table: what each
 * breaks, what follows from it, and the command that mends it. Pure.
 *
 * Refused is only what makes natsq itself lose, corrupt or never get a job; everything else is the
 * owner's choice and is reported once. The programs use the table when they start and whenever the
 * configuration changes; `dlq doctor` reports from it. */
#ifndef NATSQ_SETTINGS_H
#define NATSQ_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_t;

enum settings_object {
    SETTINGS_ORIGIN = 1 << 0,
    SETTINGS_DLQ = 1 << 1,
    SETTINGS_DURABLE = 1 << 2,        /* on either stream */
    SETTINGS_DEAD_LETTERING = 1 << 3, /* the DLQ stream for a worker that stores letters there */
};

enum settings_action {
    SETTINGS_REFUSE, /* exit 78 */
    SETTINGS_ADAPT,  /* natsq works within it */
    SETTINGS_WARN,
    SETTINGS_REPORT, /* by doctor alone */
};

enum settings_health { SETTINGS_GOOD, SETTINGS_WARNING, SETTINGS_CRITICAL };

enum settings_test {
    SETTINGS_TRUE,
    SETTINGS_FALSE,
    SETTINGS_SET, /* a number above 0, or a text, list or object that is not empty */
    SETTINGS_IS,
    SETTINGS_IS_NOT,
    SETTINGS_FUTURE,  /* a time to come */
    SETTINGS_LETTERS, /* a subject transform that letters fall under */
};

struct setting {
    const char *key; /* in the `config` of STREAM.INFO or CONSUMER.INFO */
    unsigned objects;
    enum settings_test test;
    const char *text;   /* what SETTINGS_IS and SETTINGS_IS_NOT compare with */
    const char *unless; /* another key: the row does not count where this one is true; or NULL */
    enum settings_action action;
    enum settings_health health;
    /* With {stream}, {consumer} and {value} for what was found. */
    const char *breaks, *mend;
};

enum { SETTINGS_TEXT_MAX = 768 };

/* The rows; their number in `n`. */
const struct setting *settings_table(size_t *n);

/* The rows of `object` that `config` meets, a bit each, at the time `now` (ns since 1970). */
uint64_t settings_found(enum settings_object object, const struct json_t *config, int64_t now);

/* A row's `breaks` or `mend` for this stream and consumer (NULL for a stream's row), in `text`. */
const char *settings_words(const struct setting *setting, const char *template, const char *stream,
                           const char *consumer, const struct json_t *config,
                           char text[SETTINGS_TEXT_MAX]);

#endif
