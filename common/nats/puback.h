/* puback: what the server's answer to a publish says. Pure. */
#ifndef NATSQ_PUBACK_H
#define NATSQ_PUBACK_H

#include "base/error.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum puback_kind {               /* 0 is what was never answered */
                   PUBACK_AGAIN, /* says nothing yet: election, two at once (10158, 10164), `seq` 0,
                                    overload */
                   PUBACK_STORED,
                   PUBACK_DUPLICATE, /* stored before, under the same message id, as `seq` */
                   PUBACK_EXISTS,    /* the subject holds a message already (10071, with expected
                                        sequence 0) */
                   PUBACK_FULL,      /* the stream has no room for it (10077 and its kin) */
                   PUBACK_NO_STREAM, /* nobody listens: no stream has the subject, or it elects a
                                        leader */
                   PUBACK_TOO_LARGE, /* for the stream (10054) or the server's maximum payload */
                   PUBACK_DENIED,    /* we may not publish there, or hear of it (connection_denies);
                                        `description` is "publish to 'SUBJECT'" */
                   PUBACK_REFUSED,   /* will never be stored as it is: sealed, a bad header, … */
};

struct puback {
    enum puback_kind kind;
    uint64_t seq;
    int error_code;        /* JetStream's, 0 if none */
    char description[200]; /* the server's words for an error */
};

void puback_parse(const char *json, size_t length, struct puback *puback);

/* The same for an answer as it came, which may be "no responders". */
void puback_read(natsMsg *answer, struct puback *puback);

/* An answer that confirms, but in the name of another stream than `stream`, is REFUSED. */
void puback_require_stream(struct puback *puback, natsMsg *answer, const char *stream);

/* Headers alone are more than the server takes (10097, 64 KiB). */
bool puback_headers_too_large(const struct puback *puback);

/* -1 (77) for an outcome that is DENIED, with what is not allowed. */
int puback_check(const struct puback *outcome, struct error *error);

bool puback_confirms(const struct puback *puback);

/* The message will never be stored as it is. Not so for a sealed stream, which refuses any. */
bool puback_is_final(const struct puback *puback);

/* The confirm_done of who keeps an outcome: `owner` is the struct puback that it is copied to. */
void puback_store_outcome(void *closure, void *owner, const struct puback *outcome);

/* "full", "no stream", …: total. */
const char *puback_kind_text(enum puback_kind kind);

#endif
