/* protocol_answer: what a coprocess writes and what a protocol is expected to read from it. */
#ifndef NATSQ_PROTOCOL_ANSWER_H
#define NATSQ_PROTOCOL_ANSWER_H

#include "handler/protocol.h"

#include "unit.h"

#define BYTES(text) text, sizeof text - 1

enum { WHOLE = -2 }; /* the length of all bytes */

struct protocol_answer {
    const char *name; /* NULL: use the bytes */
    const char *bytes;
    size_t length;
    ssize_t expected; /* length read; 0: incomplete; -1: refused */
    uint64_t seq;
    enum verdict_kind kind;
    const char *error;
};

static inline void assert_answer(const struct protocol_codec *codec,
                                 const struct protocol_answer *answer)
{
    const char *name = answer->name ? answer->name : answer->bytes, *fault = NULL;
    struct protocol_result result = {0};
    /* An exact-size copy, so that a sanitizer sees a read beyond its end. */
    char *bytes = malloc(answer->length + !answer->length);
    assert_non_null(bytes);
    memcpy(bytes, answer->bytes, answer->length);
    ssize_t length = codec->read(bytes, answer->length, &result, &fault);
    free(bytes);
    ssize_t expected = answer->expected == WHOLE ? (ssize_t)answer->length : answer->expected;
    if (length != expected || (length < 0) != (fault != NULL))
        fail_msg("%s: %zd, not %zd (%s)", name, length, expected, fault);
    if (length > 0 && (result.seq != answer->seq || result.kind != answer->kind ||
                       strcmp(result.error, answer->error) != 0))
        fail_msg("%s: %s of %lu, '%s'", name, verdict_kind_text(result.kind),
                 (unsigned long)result.seq, result.error);
}

#endif
