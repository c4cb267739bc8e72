#include "handler/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) text, sizeof text - 1

enum { WHOLE = -2 }; /* the length of all bytes */

static const struct {
    const char *name, *bytes;
    size_t length;
    ssize_t expected;
    uint64_t seq;
    enum verdict_kind kind;
    const char *error;
} results[] = {
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
    {"the longest length that is waited for", BYTES("\x80\x80\x04"), 0, 0, 0, ""},
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

static void test_reads_results(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct protocol_result result = {0};
        const char *fault = NULL;
        /* Of its own size, so that a sanitizer sees a read behind it. */
        char *bytes = malloc(results[i].length + !results[i].length);
        assert_non_null(bytes);
        memcpy(bytes, results[i].bytes, results[i].length);
        ssize_t length = protocol_protobuf.read(bytes, results[i].length, &result, &fault);
        free(bytes);
        ssize_t expected =
            results[i].expected == WHOLE ? (ssize_t)results[i].length : results[i].expected;
        if (length != expected || (length < 0) != (fault != NULL))
            fail_msg("%s: %zd, not %zd (%s)", results[i].name, length, expected, fault);
        if (length > 0 && (result.seq != results[i].seq || result.kind != results[i].kind ||
                           strcmp(result.error, results[i].error) != 0))
            fail_msg("%s: %s of %lu, '%s'", results[i].name, verdict_kind_text(result.kind),
                     (unsigned long)result.seq, result.error);
    }
}

/* Whatever comes in pieces is waited for, whatever the cut. */
static void test_waits_for_the_rest(void **state)
{
    (void)state;
    static const char whole[] = "\x84\x00\x08\x07\x10\x01";
    struct protocol_result result;
    const char *fault = NULL;
    for (size_t length = 0; length < sizeof whole - 1; length++)
        assert_int_equal(protocol_protobuf.read(whole, length, &result, &fault), 0);
    assert_int_equal(protocol_protobuf.read(whole, sizeof whole - 1, &result, &fault),
                     sizeof whole - 1);
}

static void test_cuts_a_long_error(void **state)
{
    (void)state;
    enum { LENGTH = 60000 };
    char *text = malloc(LENGTH + 1);
    uint8_t *bytes = malloc(LENGTH + 64);
    assert_true(text && bytes);
    memset(text, 'x', LENGTH);
    text[LENGTH] = '\0';
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

/* A job of any size is what protobuf's own delimited reader reads. */
static void test_writes_jobs(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, 127, 128, 16383, 16384, 1 << 20};
    struct buffer out = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        Natsq__Job job = NATSQ__JOB__INIT;
        uint8_t *body = malloc(sizes[i] + 1);
        assert_non_null(body);
        memset(body, 0xA5, sizes[i]);
        job.seq = 7;
        job.max_deliver = -1;
        job.body = (ProtobufCBinaryData){sizes[i], body};
        buffer_reset(&out);
        protocol_protobuf.write(&out, &job);
        assert_false(out.failed);
        size_t length = 0, n = 0;
        do
            length |= (size_t)(out.bytes[n] & 0x7F) << (7 * n);
        while (out.bytes[n++] & 0x80);
        assert_int_equal(length, out.used - n);
        Natsq__Job *read = natsq__job__unpack(NULL, length, (uint8_t *)out.bytes + n);
        assert_non_null(read);
        assert_int_equal(read->seq, 7);
        assert_int_equal(read->max_deliver, -1);
        assert_int_equal(read->body.len, sizes[i]);
        assert_memory_equal(read->body.data, body, sizes[i]);
        natsq__job__free_unpacked(read, NULL);
        free(body);
    }
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_results),
        cmocka_unit_test(test_waits_for_the_rest),
        cmocka_unit_test(test_cuts_a_long_error),
        cmocka_unit_test(test_writes_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
