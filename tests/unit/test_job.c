#include "queue/job.h"

#include "base/cleanup.h"
#include "nats/nats_cleanup.h"

#include "nats_library.h"

#include <sodium.h>

#define TIME "\"time\":\"2026-11-24T23:10:56.123456789Z\""
#define HEAD "{\"message\":{\"subject\":\"orders.new\",\"seq\":7," TIME

static natsMsg *answer(const char *json, size_t length)
{
    natsMsg *message = NULL;
    assert_int_equal(natsMsg_Create(&message, "_INBOX.x", NULL, json, (int)length), NATS_OK);
    return message;
}

static int read_stored(struct job *job, const char *json, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = answer(json, strlen(json));
    return job_from_stored(job, message, error);
}

/* The answer for a header block and a body, encoded as the server does. */
static void read_block(struct job *job, const char *block, size_t length, const char *body)
{
    char hdrs[4096], data[1024], json[8192];
    struct error error = {0};
    sodium_bin2base64(hdrs, sizeof hdrs, (const unsigned char *)block, length,
                      sodium_base64_VARIANT_ORIGINAL);
    sodium_bin2base64(data, sizeof data, (const unsigned char *)body, strlen(body),
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(json, sizeof json, HEAD ",\"hdrs\":\"%s\",\"data\":\"%s\"}}", hdrs, data);
    if (read_stored(job, json, &error) != 0)
        fail_msg("%s", error.text);
}

static void assert_values(const struct job *job, const char *name, const char *const *expected,
                          int count)
{
    const char **values = NULL;
    int n = 0;
    assert_int_equal(natsMsgHeader_Values(job->message, name, &values, &n), NATS_OK);
    assert_int_equal(n, count);
    for (int i = 0; i < n; i++)
        assert_string_equal(values[i], expected[i]);
    free(values);
}

static int count_headers(const struct job *job)
{
    const char **names = NULL;
    int n = 0;
    natsMsgHeader_Keys(job->message, &names, &n);
    free(names);
    return n;
}

TEST(reads_a_stored_job)
{
    static const char block[] = "NATS/1.0\r\nNats-Msg-Id: order-7\r\nTrace: a\r\nEmpty:\r\n"
                                "Blank:   \r\nTrace: b\r\nUrl: http://x:80/\r\nTight:v\r\n\r\n";
    struct job job;
    size_t length;
    read_block(&job, block, sizeof block - 1, "order-7");
    assert_string_equal(job_subject(&job), "orders.new");
    assert_string_equal(job_body(&job, &length), "order-7");
    assert_int_equal(length, 7);
    assert_int_equal(job.delivery.seq, 7);
    assert_int_equal(job.delivery.stored_at, INT64_C(1795561856123456789));
    assert_string_equal(job_header(&job, "Nats-Msg-Id"), "order-7");
    assert_string_equal(job_header(&job, "Trace"), "a");
    assert_string_equal(job_header(&job, "Url"), "http://x:80/");
    assert_string_equal(job_header(&job, "Tight"), "v");
    assert_string_equal(job_header(&job, "Empty"), "");
    assert_string_equal(job_header(&job, "Blank"), "");
    assert_null(job_header(&job, "None"));
    assert_values(&job, "Trace", (const char *const[]){"a", "b"}, 2);
    assert_int_equal(count_headers(&job), 6);
    job_clear(&job);
    assert_null(job.message);
    job_clear(&job);
}

/* The server stores header blocks unchanged; a client may have written anything. */
TEST(reads_any_header_block)
{
    static const struct {
        const char *block;
        size_t length;
        int n;
    } rows[] = {
        {"", 0, 0},
        {"NATS/1.0", 8, 0},
        {"NATS/1.0\r\n\r\n", 12, 0},
        {"NATS/1.0\r\nA: 1", 14, 1},
        {"NATS/1.0\nA: 1\nB: 2\n\n", 21, 2},
        {"NATS/1.0\r\nno colon\r\nA: 1\r\n\r\n", 28, 1},
        {"NATS/1.0\r\n: no name\r\nA: 1\r\n\r\n", 29, 1},
        {"NATS/1.0\r\n:\r\nA: 1\r\n\r\n", 21, 1},
        {"NATS/1.0\r\nA: a\0b\r\n\r\n", 20, 1},
    };
    FOR_EACH (row, rows) {
        struct job job;
        read_block(&job, row->block, row->length, "body");
        assert_int_equal(count_headers(&job), row->n);
        job_clear(&job);
    }
}

TEST(decodes_bodies)
{
    static const struct {
        const char *json;
        size_t length;
        const char *body;
    } rows[] = {
        {HEAD "}}", 0, ""},
        {HEAD ",\"data\":\"\"}}", 0, ""},
        {HEAD ",\"data\":\"AA==\"}}", 1, "\0"},
        {HEAD ",\"data\":\"YQBi\"}}", 3, "a\0b"},
        {HEAD ",\"data\":\"/+8=\"}}", 2, "\xff\xef"},
        {HEAD ",\"data\":\"YWJjZA==\"}}", 4, "abcd"},
    };
    FOR_EACH (row, rows) {
        struct job job;
        struct error error = {0};
        size_t length;
        assert_int_equal(read_stored(&job, row->json, &error), 0);
        const char *body = job_body(&job, &length);
        assert_int_equal(length, row->length);
        if (length > 0)
            assert_memory_equal(body, row->body, length);
        assert_null(job_header(&job, "Any"));
        job_clear(&job);
    }
}

/* After any other answer the job counts as still there. */
TEST(only_error_10037_means_gone)
{
    static const struct {
        const char *json;
        int result;
    } rows[] = {
        {"{\"error\":{\"code\":404,\"err_code\":10037,\"description\":\"no message found\"}}", 1},
        {"{\"error\":{\"err_code\":10037}}", 1},
        {"{\"error\":{\"code\":404,\"err_code\":10059,\"description\":\"no stream\"}}", -1},
        {"{\"error\":{\"code\":503,\"err_code\":10008,\"description\":\"unavailable\"}}", -1},
        {"{\"error\":{\"code\":404}}", -1},
        {"{\"error\":{\"err_code\":\"10037\"}}", -1},
        {"{\"error\":{\"err_code\":10037.0}}", -1},
        {"{\"error\":{}}", -1},
        {"{\"error\":null}", -1},
        {"{\"error\":\"10037\"}", -1},
        {"{\"error\":{\"description\":5}}", -1},
        {"{\"err_code\":10037}", -1},
    };
    FOR_EACH (row, rows) {
        struct job job;
        struct error error = {0};
        int result = read_stored(&job, row->json, &error);
        if (result != row->result)
            fail_msg("%s gives %d", row->json, result);
        assert_null(job.message);
        assert_int_equal(result < 0, error.exit_code != 0);
        assert_null(strstr(error.text, "(null)"));
    }
}

TEST(refuses_answers_with_missing_or_wrong_parts)
{
    static const char *const texts[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"message\":null}",
        "{\"message\":[]}",
        "{\"message\":{}}",
        "{\"message\":{\"seq\":7," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\"," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":7}}",
        "{\"message\":{\"subject\":7,\"seq\":7," TIME "}}",
        "{\"message\":{\"subject\":\"\",\"seq\":7," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":\"7\"," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":0," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":-7," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":99999999999999999999," TIME "}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":7,\"time\":7}}",
        "{\"message\":{\"subject\":\"orders.new\",\"seq\":7,\"time\":\"today\"}}",
        HEAD ",\"data\":\"YQ\"}}",
        HEAD ",\"data\":\"YQ=\"}}",
        HEAD ",\"data\":\"YQ===\"}}",
        HEAD ",\"data\":\"Y!==\"}}",
        HEAD ",\"data\":\"Y Q==\"}}",
        HEAD ",\"data\":\"_-8=\"}}",
        HEAD ",\"data\":\"YWJj\\n\"}}",
        HEAD ",\"data\":7}}",
        HEAD ",\"hdrs\":\"TkFUUw=\"}}",
        HEAD ",\"hdrs\":{}}}",
    };
    FOR_EACH (text, texts) {
        struct job job;
        struct error error = {0};
        if (read_stored(&job, *text, &error) != -1)
            fail_msg("%s is taken", *text);
        assert_null(job.message);
        assert_true(error.exit_code != 0 && error.text[0]);
        job_clear(&job);
    }
}

TEST(reads_a_delivered_job)
{
    struct job job;
    struct error error = {0};
    natsMsg *good = NULL, *bad = NULL;
    natsMsg_Create(&good, "orders.new", "$JS.ACK.s.processor.2.7.9.1795561856123456789.3", "b", 1);
    natsMsg_Create(&bad, "orders.new", "_INBOX.1", "b", 1);
    assert_int_equal(job_from_delivery(&job, good, &error), 0);
    assert_int_equal(job.delivery.deliveries, 2);
    assert_int_equal(job.delivery.seq, 7);
    assert_int_equal(job.delivery.pending, 3);
    job_clear(&job);
    assert_int_equal(job_from_delivery(&job, bad, &error), -1); /* which releases it */
    assert_int_equal(error.exit_code, EX_SOFTWARE);
    assert_null(job.message);
    error = (struct error){0};
    natsMsg_Create(&bad, "orders.new", NULL, NULL, 0);
    assert_int_equal(job_from_delivery(&job, bad, &error), -1);
}
