#include "puback.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* JetStream's codes, from nats-server's errors.json (2.10 to 2.15). */
enum {
    JS_WRONG_LAST_SEQUENCE = 10071,
    JS_MESSAGE_EXCEEDS_MAXIMUM = 10054,
    JS_STORE_FAILED = 10077, /* "maximum bytes exceeded", "maximum messages exceeded", … */
    JS_WRONG_LAST_MESSAGE_ID = 10070,
    JS_SEALED = 10109,
    JS_ROLLUP_REFUSED = 10111,
    JS_ACCOUNT_RESOURCES = 10002,
    JS_MEMORY_RESOURCES = 10028,
    JS_STORAGE_RESOURCES = 10047,
    JS_INSUFFICIENT_RESOURCES = 10023,
    JS_HEADER_TOO_LARGE = 10097,
    JS_BAD_REQUEST = 10003,
};

static enum puback_kind kind_of_error(int code, int http)
{
    switch (code) {
    case JS_WRONG_LAST_SEQUENCE:
        return PUBACK_EXISTS;
    case JS_STORE_FAILED:
    case JS_ACCOUNT_RESOURCES:
    case JS_MEMORY_RESOURCES:
    case JS_STORAGE_RESOURCES:
    case JS_INSUFFICIENT_RESOURCES:
        return PUBACK_FULL;
    case JS_MESSAGE_EXCEEDS_MAXIMUM:
        return PUBACK_TOO_LARGE;
    case JS_WRONG_LAST_MESSAGE_ID:
    case JS_SEALED:
    case JS_ROLLUP_REFUSED:
    case JS_HEADER_TOO_LARGE:
    case JS_BAD_REQUEST:
        return PUBACK_REFUSED;
    default: /* 503s come and go, and so does 429 (10167, too many at once); a 4xx that we do not
                know is taken at its word, unless it is one of the "in process" kind (10158,
                10164), which the server gives as 400 too */
        return http == 503 || http == 429 || code == 10158 || code == 10164 ? PUBACK_AGAIN
                                                                            : PUBACK_REFUSED;
    }
}

static void parse_error(json_t *error, struct puback *puback)
{
    puback->error_code = (int)json_integer_value(json_object_get(error, "err_code"));
    const char *words = json_string_value(json_object_get(error, "description"));
    snprintf(puback->description, sizeof puback->description, "%s", words ? words : "");
    puback->kind =
        kind_of_error(puback->error_code, (int)json_integer_value(json_object_get(error, "code")));
}

void puback_parse(const char *json, size_t length, struct puback *puback)
{
    *puback = (struct puback){.kind = PUBACK_AGAIN};
    json_t *answer = json_loadb(json, length, 0, NULL);
    json_t *error = json_object_get(answer, "error");
    json_int_t seq = json_integer_value(json_object_get(answer, "seq"));
    puback->seq = seq > 0 ? (uint64_t)seq : 0;
    if (error)
        parse_error(error, puback);
    else if (puback->seq > 0) /* a `duplicate` with seq 0 is of a job that 2.10 refused as full */
        puback->kind =
            json_is_true(json_object_get(answer, "duplicate")) ? PUBACK_DUPLICATE : PUBACK_STORED;
    json_decref(answer);
}

void puback_of(natsMsg *answer, struct puback *puback)
{
    if (natsMsg_IsNoResponders(answer))
        *puback = (struct puback){.kind = PUBACK_NO_STREAM};
    else
        puback_parse(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer), puback);
}

bool puback_confirms(const struct puback *puback)
{
    return puback->kind == PUBACK_STORED || puback->kind == PUBACK_DUPLICATE ||
           puback->kind == PUBACK_EXISTS;
}

const char *puback_kind_text(enum puback_kind kind)
{
    switch (kind) {
    case PUBACK_STORED:
        return "stored";
    case PUBACK_DUPLICATE:
        return "duplicate";
    case PUBACK_EXISTS:
        return "there already";
    case PUBACK_AGAIN:
        return "not confirmed";
    case PUBACK_FULL:
        return "full";
    case PUBACK_NO_STREAM:
        return "no stream";
    case PUBACK_TOO_LARGE:
        return "too large";
    case PUBACK_DENIED:
        return "not permitted";
    case PUBACK_REFUSED:
        return "refused";
    }
    return "unknown";
}
