#include "nats/puback.h"

#include "nats/api_answer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Codes of nats-server's errors.json (2.10 to 2.15) that nats.h (3.14) lacks. */
enum { JS_WRONG_LAST_MESSAGE_ID = 10070, JS_HEADER_TOO_LARGE = 10097 };

static enum puback_kind kind_of_error(int code, int http)
{
    switch (code) {
    case JSStreamWrongLastSequenceErr:
        return PUBACK_EXISTS;
    case JSStreamStoreFailedErr: /* "maximum bytes exceeded", "maximum messages exceeded", … */
    case JSAccountResourcesExceededErr:
    case JSMemoryResourcesExceededErr:
    case JSStorageResourcesExceededErr:
    case JSInsufficientResourcesErr:
        return PUBACK_FULL;
    case JSStreamMessageExceedsMaximumErr:
        return PUBACK_TOO_LARGE;
    case JS_WRONG_LAST_MESSAGE_ID:
    case JSStreamSealedErr:
    case JSStreamRollupFailedErr:
    case JS_HEADER_TOO_LARGE:
    case JSBadRequestErr:
        return PUBACK_REFUSED;
    default:
        /* 5xx and 429 (10167, too many requests) are temporary. An unknown 4xx is final, except for
         * the "in process" errors (10158, 10164), which are 400 too. */
        return http >= 500 || http == 429 || code == 10158 || code == 10164 ? PUBACK_AGAIN
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

struct scan {
    const char *at, *end;
};

static bool scan_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

/* The rest of a string after its opening quote. */
static bool scan_text(struct scan *scan)
{
    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == '"') {
            scan->at++;
            return true;
        }
        if (*scan->at < ' ' || *scan->at > '~' || *scan->at == '\\')
            return false;
    }
    return false;
}

static bool scan_number(struct scan *scan, uint64_t *number)
{
    enum { DIGITS_MOST = 18 };
    const char *begin = scan->at;
    *number = 0;
    for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++)
        *number = *number * 10 + (uint64_t)(*scan->at - '0');
    return scan->at > begin && scan->at - begin <= DIGITS_MOST && *begin != '0';
}

static bool scan_member(struct scan *scan, uint64_t *seq, bool *duplicate)
{
    if (scan_word(scan, "\"seq\":"))
        return *seq == 0 && scan_number(scan, seq);
    if (scan_word(scan, "\"duplicate\": true") || scan_word(scan, "\"duplicate\":true")) {
        bool first = !*duplicate;
        *duplicate = true;
        return first;
    }
    return (scan_word(scan, "\"stream\":\"") || scan_word(scan, "\"domain\":\"")) &&
           scan_text(scan);
}

/* Reads a PubAck as servers write it, in a tenth of a parser's time. False for anything that
 * differs even slightly; the parser then reads it. */
static bool scan_stored(const char *json, size_t length, struct puback *puback)
{
    struct scan scan = {json, json + length};
    bool duplicate = false;
    if (!scan_word(&scan, "{"))
        return false;
    do {
        (void)scan_word(&scan, " ");
        if (!scan_member(&scan, &puback->seq, &duplicate))
            return false;
    } while (scan_word(&scan, ","));
    puback->kind = duplicate ? PUBACK_DUPLICATE : PUBACK_STORED;
    return puback->seq > 0 && scan_word(&scan, "}") && scan.at == scan.end;
}

void puback_parse(const char *json, size_t length, struct puback *puback)
{
    *puback = (struct puback){.kind = PUBACK_AGAIN};
    if (scan_stored(json, length, puback))
        return;
    *puback = (struct puback){.kind = PUBACK_AGAIN};
    json_t *answer = json_loadb(json, length, 0, NULL);
    json_t *error = json_object_get(answer, "error");
    json_int_t seq = json_integer_value(json_object_get(answer, "seq"));
    puback->seq = seq > 0 ? (uint64_t)seq : 0;
    if (error)
        parse_error(error, puback);
    else if (puback->seq > 0) /* 2.10: `duplicate` and 0 for a job that it refused as full */
        puback->kind =
            json_is_true(json_object_get(answer, "duplicate")) ? PUBACK_DUPLICATE : PUBACK_STORED;
    json_decref(answer);
}

void puback_read(natsMsg *answer, struct puback *puback)
{
    if (natsMsg_IsNoResponders(answer))
        *puback = (struct puback){.kind = PUBACK_NO_STREAM};
    else
        puback_parse(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer), puback);
}

void puback_require_stream(struct puback *puback, natsMsg *answer, const char *stream)
{
    if (puback->kind != PUBACK_STORED && puback->kind != PUBACK_DUPLICATE)
        return;
    json_t *json = api_answer_parse(answer);
    const char *name = json_string_value(json_object_get(json, "stream"));
    if (!name || strcmp(name, stream) != 0) {
        *puback = (struct puback){.kind = PUBACK_REFUSED};
        snprintf(puback->description, sizeof puback->description, "stream %s took it",
                 name ? name : "without a name");
    }
    json_decref(json);
}

bool puback_headers_too_large(const struct puback *puback)
{
    return puback->kind == PUBACK_REFUSED && puback->error_code == JS_HEADER_TOO_LARGE;
}

bool puback_is_final(const struct puback *puback)
{
    return puback->kind == PUBACK_TOO_LARGE ||
           (puback->kind == PUBACK_REFUSED && puback->error_code != JSStreamSealedErr);
}

int puback_check(const struct puback *outcome, struct error *error)
{
    return outcome->kind == PUBACK_DENIED
               ? error_set(error, EX_NOPERM, "the server says that this user may not %s",
                           outcome->description)
               : 0;
}

bool puback_confirms(const struct puback *puback)
{
    return puback->kind == PUBACK_STORED || puback->kind == PUBACK_DUPLICATE ||
           puback->kind == PUBACK_EXISTS;
}

void puback_store_outcome(void *closure, void *owner, const struct puback *outcome)
{
    (void)closure;
    *(struct puback *)owner = *outcome;
}

const char *puback_kind_text(enum puback_kind kind)
{
    static const char *const texts[] = {
        [PUBACK_STORED] = "stored",
        [PUBACK_DUPLICATE] = "duplicate",
        [PUBACK_EXISTS] = "there already",
        [PUBACK_AGAIN] = "not confirmed",
        [PUBACK_FULL] = "full",
        [PUBACK_NO_STREAM] = "no stream",
        [PUBACK_TOO_LARGE] = "too large",
        [PUBACK_DENIED] = "not permitted",
        [PUBACK_REFUSED] = "refused",
    };
    return (size_t)kind < sizeof texts / sizeof texts[0] ? texts[kind] : "unknown";
}

const char *puback_text(const struct puback *puback, char text[PUBACK_TEXT_MAX])
{
    snprintf(text, PUBACK_TEXT_MAX, "%s%s%s", puback_kind_text(puback->kind),
             puback->description[0] ? ": " : "", puback->description);
    return text;
}
