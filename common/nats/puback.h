/* puback: parses the server's answer to a publish. Pure. */
#ifndef NATSQ_PUBACK_H
#define NATSQ_PUBACK_H

#include "base/error.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum puback_kind {
    PUBACK_AGAIN, /* 0: never answered, or not decided: election, overload, concurrent publish
                   * (10158, 10164), `seq` 0 */
    PUBACK_STORED,
    PUBACK_DUPLICATE, /* stored earlier with the same message id, as `seq` */
    PUBACK_EXISTS,    /* with expected sequence 0: the subject already holds a message (10071) */
    PUBACK_FULL,      /* the stream or account has no room (10077, 10002, …) */
    PUBACK_NO_STREAM, /* no responders: no stream has the subject, or it elects a leader */
    PUBACK_TOO_LARGE, /* for the stream (10054) or the server's maximum payload */
    PUBACK_DENIED,    /* we may not publish, or not receive the answer (connection_denies);
                       * `description` is "publish to 'SUBJECT'" */
    PUBACK_REFUSED,   /* the stream will not store it: sealed, an invalid header, … */
};

struct puback {
    enum puback_kind kind;
    uint64_t seq;
    int error_code;        /* JetStream's, 0 if none */
    char description[200]; /* the server's words for an error */
};

void puback_parse(const char *json, size_t length, struct puback *puback);

/* The same for an answer as received, which may be "no responders". */
void puback_read(natsMsg *answer, struct puback *puback);

/* Makes it REFUSED when it confirms, but is from another stream than `stream`. */
void puback_require_stream(struct puback *puback, natsMsg *answer, const char *stream);

/* The headers are larger than the server accepts (10097, 64 KiB). */
bool puback_headers_too_large(const struct puback *puback);

/* -1 (77) for DENIED, with what is not permitted. */
int puback_check(const struct puback *outcome, struct error *error);

bool puback_confirms(const struct puback *puback);

/* Whether resending this message is useless. Not true for a sealed stream, which refuses every
 * message. */
bool puback_is_final(const struct puback *puback);

/* A confirm_done that copies the outcome to `owner`, a struct puback. */
void puback_store_outcome(void *closure, void *owner, const struct puback *outcome);

/* "full: maximum bytes exceeded": what it is, and the server's words if there are any. */
enum { PUBACK_TEXT_MAX = 240 };
const char *puback_text(const struct puback *puback, char text[PUBACK_TEXT_MAX]);

/* "full", "no stream", …; never NULL. */
const char *puback_kind_text(enum puback_kind kind);

#endif
