#include "handler/protocol.h"

#include "protocol_answer.h"

#include <jansson.h>

static const struct protocol_answer answers[] = {
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\"}\n"), WHOLE, 7, VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"retry\",\"error\":null}\n"), WHOLE, 7, VERDICT_RETRY,
     ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"hopeless\",\"error\":\"oops\"}\n"), WHOLE, 7,
     VERDICT_HOPELESS, "oops"},
    {NULL, BYTES(" { \"more\": [1], \"verdict\": \"done\", \"seq\": 7 } \r\n"), WHOLE, 7,
     VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":9223372036854775807,\"verdict\":\"done\"}\n"), WHOLE, INT64_MAX,
     VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"retry\",\"error\":\"a\\nb\\u0000c\"}\n"), WHOLE, 7,
     VERDICT_RETRY, "a b c"},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\"}\n{\"seq\""), 27, 7, VERDICT_DONE, ""},
    {NULL, BYTES(""), 0, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\"}"), 0, 0, 0, ""}, /* without its newline */
    {NULL, BYTES("hello"), 0, 0, 0, ""},
    {NULL, BYTES("hello\n"), -1, 0, 0, ""},
    {NULL, BYTES("\n"), -1, 0, 0, ""},
    {NULL, BYTES("[]\n"), -1, 0, 0, ""},
    {NULL, BYTES("\"done\"\n"), -1, 0, 0, ""},
    {NULL, BYTES("{}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":\"7\",\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7.0,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":-1,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":99999999999999999999,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"stopped\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"Done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":1}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"retry\",\"error\":1}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\"}{}\n"), -1, 0, 0, ""},
    /* values that are not needed are skipped, even if jansson refuses them */
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\",\"x\":\"\\ud800\"}\n"), WHOLE, 7, VERDICT_DONE,
     ""},
    {NULL, BYTES("{\"x\":\"\\udc00\\ud800\\ud83d\\ude00\",\"seq\":7,\"verdict\":\"done\"}\n"),
     WHOLE, 7, VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\",\"\\udfff\":1}\n"), WHOLE, 7, VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\",\"x\":1e999}\n"), WHOLE, 7, VERDICT_DONE, ""},
    {NULL, BYTES("{\"x\":-1E+999 , \"seq\":7,\"verdict\":\"done\"}\n"), WHOLE, 7, VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":123456789012345678901234567890,\"verdict\":\"done\"}\n"), WHOLE,
     7, VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":NaN,\"y\":-Infinity,\"z\":[NaN],\"verdict\":\"retry\"}\n"),
     WHOLE, 7, VERDICT_RETRY, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":\"\xFF\t\\q\\u12\",\"verdict\":\"done\"}\n"), WHOLE, 7,
     VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":9223372036854775807,\"x\":NaN,\"verdict\":\"done\"}\n"), WHOLE,
     INT64_MAX, VERDICT_DONE, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"retry\",\"error\":\"\xFF \\udcff\"}\n"), WHOLE, 7,
     VERDICT_RETRY, "? \xEF\xBF\xBD"},
    /* which makes nothing else a verdict */
    {NULL, BYTES("{\"seq\":7,\"x\":{\"verdict\":\"done\",\"y\":1e999}}\n"), -1, 0, 0, ""},
    {NULL,
     BYTES("{\"seq\":7,\"x\":\"\\ud800\\\",\\\"verdict\\\":\\\"done\",\"verdict\":\"retry\"}\n"),
     WHOLE, 7, VERDICT_RETRY, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":[\"]\",1e999,{\"a\":\"\\\"]\"}],\"verdict\":\"retry\"}\n"),
     WHOLE, 7, VERDICT_RETRY, ""},
    {NULL, BYTES("{\"seq\":1e999,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":NaN}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":done}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\\ud800\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":[1e999},\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":[1e999,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":1e999 2,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,NaN:1,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"x\":\"\\ud800,\"verdict\":\"done\"}\n"), -1, 0, 0, ""},
    {NULL, BYTES("{\"seq\":7,\"verdict\":\"done\",\"x\":1e999\n"), -1, 0, 0, ""},
    {NULL, BYTES("[{\"seq\":7,\"verdict\":\"done\",\"x\":1e999}]\n"), -1, 0, 0, ""},
    {NULL, BYTES("\0\0\0\n"), -1, 0, 0, ""},
};

TEST(reads_results)
{
    FOR_EACH (answer, answers)
        assert_answer(&protocol_jsonl, answer);
}

/* A handler that writes no newline is not read forever. */
TEST(refuses_a_line_without_an_end)
{
    struct protocol_result result;
    const char *fault = NULL;
    char *bytes = malloc(PROTOCOL_RESULT_MAX + 1);
    assert_non_null(bytes);
    memset(bytes, ' ', PROTOCOL_RESULT_MAX + 1);
    assert_int_equal(protocol_jsonl.read(bytes, PROTOCOL_RESULT_MAX, &result, &fault), 0);
    assert_int_equal(protocol_jsonl.read(bytes, PROTOCOL_RESULT_MAX + 1, &result, &fault), -1);
    assert_non_null(fault);
    free(bytes);
}

/* Deeper than the 2048 levels of jansson, and longer than any of its numbers. */
TEST(skips_values_that_are_too_deep_or_too_long)
{
    static const struct {
        const char *before, *after;
        char filler;
    } values[] = {
        {"", "", '['}, {"[", "]", '{'}, {"1", "", '0'}, {"0.", "1", '0'}, {"-", "e9", '9'}};
    enum { FILLERS = 5000 };
    FOR_EACH (value, values) {
        struct buffer line = {0};
        struct protocol_result result = {0};
        const char *fault = NULL;
        buffer_printf(&line, "{\"x\":%s", value->before);
        for (int j = 0; j < FILLERS; j++)
            buffer_add(&line, &value->filler, 1);
        for (int j = 0; j < FILLERS && (value->filler == '[' || value->filler == '{'); j++)
            buffer_add_text(&line, value->filler == '[' ? "]" : "}");
        buffer_printf(&line, "%s,\"seq\":7,\"verdict\":\"done\"}\n", value->after);
        assert_false(line.failed);
        assert_int_equal(protocol_jsonl.read(line.bytes, line.length, &result, &fault),
                         line.length);
        assert_int_equal(result.seq, 7);
        assert_int_equal(result.kind, VERDICT_DONE);
        buffer_release(&line);
    }
}

static char *line_of(const Natsq__Job *job)
{
    struct buffer out = {0};
    protocol_jsonl.write(&out, job);
    assert_false(out.failed);
    buffer_add(&out, "", 1);
    return out.bytes;
}

TEST(writes_a_job)
{
    char name[] = "Colour", red[] = "red", quoted[] = "a \"b\"\t\x7F", stream[] = "orders_stream";
    char subject[] = "orders.caf\xC3\xA9", id[] = "id-1", time[] = "2026-11-24T23:10:56.123456789Z";
    uint8_t body[] = "line\n\\ \"\b\f\r\x01";
    Natsq__Header headers[] = {NATSQ__HEADER__INIT, NATSQ__HEADER__INIT};
    Natsq__Header *pointers[] = {&headers[0], &headers[1]};
    headers[0].name = headers[1].name = name;
    headers[0].value = red;
    headers[1].value = quoted;
    Natsq__Job job = NATSQ__JOB__INIT;
    job.seq = UINT64_MAX;
    job.subject = subject;
    job.stream = stream;
    job.delivery = 1;
    job.max_deliver = -1;
    job.job_id = id;
    job.timestamp = time;
    job.headers = pointers;
    job.n_headers = 2;
    job.body = (ProtobufCBinaryData){sizeof body - 1, body};
    char *line = line_of(&job);
    assert_string_equal(
        line, "{\"seq\":18446744073709551615,\"subject\":\"orders.caf\xC3\xA9\","
              "\"stream\":\"orders_stream\",\"delivery\":1,\"max_deliver\":-1,\"job_id\":\"id-1\","
              "\"timestamp\":\"2026-11-24T23:10:56.123456789Z\",\"headers\":{"
              "\"Colour\":[\"red\",\"a \\\"b\\\"\\t\x7F\"]},"
              "\"body\":\"line\\n\\\\ \\\"\\b\\f\\r\\u0001\"}\n");
    free(line);
}

TEST(writes_a_header_that_is_not_utf8)
{
    char name[] = "A", value[] = "\xFF", other[] = "b", text[] = "";
    Natsq__Header headers[] = {NATSQ__HEADER__INIT, NATSQ__HEADER__INIT};
    Natsq__Header *pointers[] = {&headers[0], &headers[1]};
    headers[0].name = name;
    headers[0].value = value;
    headers[1].name = other;
    headers[1].value = text;
    Natsq__Job job = NATSQ__JOB__INIT;
    job.headers = pointers;
    job.n_headers = 2;
    char *line = line_of(&job);
    assert_non_null(
        strstr(line, ",\"headers\":{\"A\":[{\"base64\":\"/w==\"}],\"b\":[\"\"]},\"body\""));
    free(line);
}

TEST(writes_a_dead_job)
{
    char reason[] = "exit 1", error[] = "no disk";
    Natsq__Job job = NATSQ__JOB__INIT;
    job.reason = reason;
    job.error = error;
    job.deliveries = 2;
    job.retries = 1;
    char *line = line_of(&job);
    assert_non_null(strstr(line, ",\"headers\":{},\"reason\":\"exit 1\",\"error\":\"no disk\","
                                 "\"deliveries\":2,\"retries\":1,\"body\":\"\"}\n"));
    free(line);
}

/* A JSON reader returns each byte, from text or from base64. */
TEST(writes_any_byte)
{
    for (int byte = 0; byte < 256; byte++) {
        uint8_t body[] = {(uint8_t)byte};
        Natsq__Job job = NATSQ__JOB__INIT;
        job.body = (ProtobufCBinaryData){1, body};
        char *line = line_of(&job);
        json_t *read = json_loads(line, JSON_ALLOW_NUL, NULL);
        assert_non_null(read);
        const json_t *text = json_object_get(read, "body");
        assert_true((text != NULL) == (byte < 0x80));
        assert_true((json_object_get(read, "body_base64") != NULL) == (byte >= 0x80));
        if (text) {
            assert_int_equal(json_string_length(text), 1);
            assert_int_equal(json_string_value(text)[0], byte);
        }
        json_decref(read);
        free(line);
    }
}

TEST(writes_base64)
{
    static const struct {
        const char *body;
        size_t length;
        const char *expected;
    } bodies[] = {{BYTES("\xFF"), "\"body_base64\":\"/w==\"}\n"},
                  {BYTES("\xFF\xFE"), "\"body_base64\":\"//4=\"}\n"},
                  {BYTES("a\0\xFF"), "\"body_base64\":\"YQD/\"}\n"},
                  {BYTES("caf\xC3"), "\"body_base64\":\"Y2Fmww==\"}\n"}};
    FOR_EACH (each, bodies) {
        uint8_t body[8];
        memcpy(body, each->body, each->length);
        Natsq__Job job = NATSQ__JOB__INIT;
        job.body = (ProtobufCBinaryData){each->length, body};
        char *line = line_of(&job);
        assert_string_equal(strstr(line, "\"body"), each->expected);
        free(line);
    }
}
