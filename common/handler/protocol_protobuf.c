#include "handler/protocol.h"

#include "base/text.h"
#include "base/varint.h"

#include <string.h>

static void write_job(struct buffer *out, const Natsq__Job *job)
{
    size_t size = natsq__job__get_packed_size(job);
    unsigned char *at = (unsigned char *)buffer_reserve(out, size + VARINT_MAX);
    if (!at)
        return;
    size_t prefix = varint_write((uint32_t)size, at);
    out->length += prefix + natsq__job__pack(job, at + prefix);
}

static bool read_verdict(Natsq__Verdict verdict, enum verdict_kind *kind)
{
    static const enum verdict_kind kinds[] = {
        [NATSQ__VERDICT__DONE] = VERDICT_DONE,
        [NATSQ__VERDICT__RETRY] = VERDICT_RETRY,
        [NATSQ__VERDICT__HOPELESS] = VERDICT_HOPELESS,
    };
    if (verdict < NATSQ__VERDICT__DONE || verdict > NATSQ__VERDICT__HOPELESS)
        return false;
    *kind = kinds[verdict];
    return true;
}

static const char *read_message(const unsigned char *bytes, size_t length,
                                struct protocol_result *result)
{
    Natsq__Result *message = natsq__result__unpack(NULL, length, bytes);
    if (!message)
        return "its answer is not a Result";
    bool is_known = read_verdict(message->verdict, &result->kind);
    result->seq = message->seq;
    text_header_safe(message->error, strlen(message->error), result->error, sizeof result->error);
    natsq__result__free_unpacked(message, NULL);
    return is_known ? NULL : "its answer has no verdict, or an unknown one";
}

static ssize_t read_result(const char *bytes, size_t length, struct protocol_result *result,
                           const char **fault)
{
    uint64_t size;
    const unsigned char *at = (const unsigned char *)bytes;
    ssize_t prefix = varint_read(at, length, &size);
    if (prefix < 0 || size > PROTOCOL_RESULT_MAX) {
        *fault = "its answer begins with an impossible length";
        return -1;
    }
    if (prefix == 0 || length - (size_t)prefix < size)
        return 0;
    *fault = read_message(at + prefix, (size_t)size, result);
    return *fault ? -1 : prefix + (ssize_t)size;
}

const struct protocol_codec protocol_protobuf = {false, write_job, read_result};
