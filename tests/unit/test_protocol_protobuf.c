#include "handler/protocol.h"

#include "protocol_answer.h"

static const struct protocol_answer answers[] = {
    {"nothing", BYTES(""), 0, 0, 0, ""},
    {"done", BYTES("\x04\x08\x07\x10\x01"), WHOLE, 7, VERDICT_DONE, ""},
    {"retry", BYTES("\x04\x08\x07\x10\x02"), WHOLE, 7, VERDICT_RETRY, ""},
    {"hopeless with an error", BYTES("\x0A\x08\x07\x10\x03\x1A\x04oops"), WHOLE, 7,
     VERDICT_HOPELESS, "oops"},
    {"fields in another order", BYTES("\x0A\x1A\x04oops\x10\x02\x08\x07"), WHOLE, 7, VERDICT_RETRY,
     "oops"},
    {"an unknown field", BYTES("\x07\x08\x07\x10\x01\x7A\x01x"), WHOLE, 7, VERDICT_DONE, ""},
    {"the longest seq", BYTES("\x0D\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\x10\x01"), WHOLE,
     UINT64_MAX, VERDICT_DONE, ""},
    {"no seq", BYTES("\x02\x10\x01"), WHOLE, 0, VERDICT_DONE, ""},
    {"an error of two lines", BYTES("\x09\x08\x07\x10\x02\x1A\x03\x61\x0A\x62"), WHOLE, 7,
     VERDICT_RETRY, "a b"},
    {"a length in more bytes than it needs", BYTES("\x84\x80\x80\x00\x08\x07\x10\x01"), WHOLE, 7,
     VERDICT_DONE, ""},
    {"a second one behind it", BYTES("\x04\x08\x07\x10\x01\x04\x08"), 5, 7, VERDICT_DONE, ""},
    {"half a length", BYTES("\x84\x80"), 0, 0, 0, ""},
    {"half a message", BYTES("\x04\x08\x07\x10"), 0, 0, 0, ""},
    {"the longest length that is accepted", BYTES("\x80\x80\x04"), 0, 0, 0, ""},
    {"too long", BYTES("\x81\x80\x04"), -1, 0, 0, ""},
    {"far too long", BYTES("\xFF\xFF\xFF\xFF\x0F"), -1, 0, 0, ""},
    {"a length without an end", BYTES("\x80\x80\x80\x80\x80"), -1, 0, 0, ""},
    {"an empty message", BYTES("\0"), -1, 0, 0, ""},
    {"no verdict", BYTES("\x02\x08\x07"), -1, 0, 0, ""},
    {"verdict NONE", BYTES("\x04\x08\x07\x10\0"), -1, 0, 0, ""},
    {"an unknown verdict", BYTES("\x04\x08\x07\x10\x04"), -1, 0, 0, ""},
    {"a negative verdict", BYTES("\x0D\x08\x07\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), -1, 0,
     0, ""},
    {"a field that is longer than the message", BYTES("\x06\x08\x07\x10\x01\x1A\x09"), -1, 0, 0,
     ""},
    {"a varint that the message cuts", BYTES("\x03\x08\x07\x80"), -1, 0, 0, ""},
    {"text", BYTES("\x05hello"), -1, 0, 0, ""},
};

TEST(reads_results)
{
    FOR_EACH (answer, answers)
        assert_answer(&protocol_protobuf, answer);
}

/* At whichever byte the message is cut. */
TEST(waits_for_the_rest_of_a_message)
{
    static const char whole[] = "\x84\x00\x08\x07\x10\x01";
    struct protocol_result result;
    const char *fault = NULL;
    for (size_t length = 0; length < sizeof whole - 1; length++)
        assert_int_equal(protocol_protobuf.read(whole, length, &result, &fault), 0);
    assert_int_equal(protocol_protobuf.read(whole, sizeof whole - 1, &result, &fault),
                     sizeof whole - 1);
}

TEST(cuts_a_long_error)
{
    enum { LONG = 60000 };
    char *text = malloc(LONG + 1);
    uint8_t *bytes = malloc(LONG + 64);
    assert_true(text && bytes);
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    Natsq__Result message = NATSQ__RESULT__INIT;
    message.verdict = NATSQ__VERDICT__RETRY;
    message.error = text;
    size_t size = natsq__result__pack(&message, bytes + 3);
    for (int i = 0; i < 3; i++)
        bytes[i] = (uint8_t)((size >> (7 * i) & 0x7F) | (i < 2 ? 0x80 : 0));
    struct protocol_result result;
    const char *fault = NULL;
    assert_int_equal(protocol_protobuf.read((char *)bytes, size + 3, &result, &fault), size + 3);
    assert_int_equal(strlen(result.error), VERDICT_ERROR_MAX - 1);
    free(bytes);
    free(text);
}

/* The delimited format of protobuf itself can read them. */
TEST(writes_jobs_of_any_size)
{
    static const size_t sizes[] = {0, 1, 100, 127, 128, 16383, 16384, 1 << 20};
    struct buffer out = {0};
    FOR_EACH (each, sizes) {
        Natsq__Job job = NATSQ__JOB__INIT;
        uint8_t *body = malloc(*each + 1);
        assert_non_null(body);
        memset(body, 0xA5, *each);
        job.seq = 7;
        job.max_deliver = -1;
        job.body = (ProtobufCBinaryData){*each, body};
        buffer_reset(&out);
        protocol_protobuf.write(&out, &job);
        assert_false(out.failed);
        size_t length = 0, n = 0;
        do
            length |= (size_t)(out.bytes[n] & 0x7F) << (7 * n);
        while (out.bytes[n++] & 0x80);
        assert_int_equal(length, out.length - n);
        Natsq__Job *read = natsq__job__unpack(NULL, length, (uint8_t *)out.bytes + n);
        assert_non_null(read);
        assert_int_equal(read->seq, 7);
        assert_int_equal(read->max_deliver, -1);
        assert_int_equal(read->body.len, *each);
        assert_memory_equal(read->body.data, body, *each);
        natsq__job__free_unpacked(read, NULL);
        free(body);
    }
    buffer_release(&out);
}
