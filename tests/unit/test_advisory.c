#include "letter/advisory.h"

#include "unit.h"

#define TYPE "\"type\":\"io.nats.jetstream.advisory.v1.max_deliver\""
#define ID "\"id\":\"bwXGGqIZQ7Uo3fs5kD5yH6\""
#define TIME "\"timestamp\":\"2026-11-24T23:10:56.123456789Z\""
#define STREAM "\"stream\":\"orders_stream\""
#define CONSUMER "\"consumer\":\"processor\""
#define SEQ "\"stream_seq\":7"
#define DELIVERIES "\"deliveries\":2"

static const char good[] =
    "{" TYPE "," ID "," TIME "," STREAM "," CONSUMER "," SEQ "," DELIVERIES "}";

static const char *parse(const char *text, struct advisory *advisory)
{
    return advisory_parse(text, strlen(text), "orders_stream", advisory);
}

TEST(reads_a_good_advisory)
{
    static const char *const texts[] = {
        good,
        /* as 2.15 writes it, with a domain; the server may choose spaces and order */
        "  {" DELIVERIES ", " SEQ ",\n" CONSUMER ", " STREAM ", " TIME ", " TYPE
        ", \"domain\":\"hub\", \"new\": {\"x\": [1, null]}} \n",
    };
    FOR_EACH (text, texts) {
        struct advisory advisory;
        assert_null(parse(*text, &advisory));
        assert_string_equal(advisory.stream, "orders_stream");
        assert_string_equal(advisory.consumer, "processor");
        assert_int_equal(advisory.seq, 7);
        assert_int_equal(advisory.deliveries, 2);
        assert_int_equal(advisory.time, INT64_C(1795561856123456789));
    }
}

struct row {
    const char *text, *fault;
};

static void assert_faults(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct advisory advisory;
        const char *fault = parse(rows[i].text, &advisory);
        if (!fault || strcmp(fault, rows[i].fault) != 0)
            fail_msg("%s: '%s' instead of '%s'", rows[i].text, fault ? fault : "no fault",
                     rows[i].fault);
    }
}

TEST(refuses_what_is_no_json)
{
    static const struct row rows[] = {
        {"", "is not JSON"},
        {" ", "is not JSON"},
        {"order-0", "is not JSON"},
        {"{", "is not JSON"},
        {"{}x", "is not JSON"},
        {"{\"a\":1,}", "is not JSON"},
        {"{\"a\":\"\xff\"}", "is not JSON"},
        {"null", "is not JSON"},
        {"[]", "is not of the type max_deliver"},
        {"{}", "is not of the type max_deliver"},
        {"[" TYPE, "is not JSON"},
    };
    assert_faults(rows, LENGTH(rows));
}

TEST(refuses_an_advisory_without_a_field)
{
    static const struct row rows[] = {
        {"{" TIME "," STREAM "," CONSUMER "," SEQ "," DELIVERIES "}",
         "is not of the type max_deliver"},
        {"{" TYPE "," TIME "," CONSUMER "," SEQ "," DELIVERIES "}", "names no stream"},
        {"{" TYPE "," TIME "," STREAM "," SEQ "," DELIVERIES "}", "names no consumer"},
        {"{" TYPE "," TIME "," STREAM "," CONSUMER "," DELIVERIES "}", "names no stream sequence"},
        {"{" TYPE "," TIME "," STREAM "," CONSUMER "," SEQ "}", "lacks the number of deliveries"},
        {"{" TYPE "," STREAM "," CONSUMER "," SEQ "," DELIVERIES "}", "has no time"},
    };
    assert_faults(rows, LENGTH(rows));
}

/* The good advisory with `from` replaced by `to`. */
static char *changed(const char *from, const char *to)
{
    const char *at = strstr(good, from);
    char *text = NULL;
    assert_non_null(at);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from)) > 0);
    return text;
}

TEST(refuses_a_wrong_field)
{
    static const struct {
        const char *from, *to, *fault;
    } rows[] = {
        {TYPE, "\"type\":1", "is not of the type max_deliver"},
        {TYPE, "\"type\":null", "is not of the type max_deliver"},
        {TYPE, "\"type\":\"io.nats.jetstream.advisory.v1.terminated\"",
         "is not of the type max_deliver"},
        {TYPE, "\"type\":\"io.nats.jetstream.advisory.v1.max_deliver2\"",
         "is not of the type max_deliver"},
        {STREAM, "\"stream\":1", "names no stream"},
        {STREAM, "\"stream\":\"\"", "names no stream"},
        {STREAM, "\"stream\":\"orders stream\"", "names no stream"},
        {STREAM, "\"stream\":\"orders.*\"", "names no stream"},
        {STREAM, "\"stream\":\"orders_stream\\u0000\"", "is not JSON"},
        {STREAM, "\"stream\":\"orders\"", "names another stream"},
        {STREAM, "\"stream\":\"orders_stream2\"", "names another stream"},
        {STREAM, "\"stream\":\"Orders_stream\"", "names another stream"},
        {CONSUMER, "\"consumer\":[]", "names no consumer"},
        {CONSUMER, "\"consumer\":\"\"", "names no consumer"},
        {CONSUMER, "\"consumer\":\"a.b\"", "names no consumer"},
        {CONSUMER, "\"consumer\":\"a\\r\\nb\"", "names no consumer"},
        {SEQ, "\"stream_seq\":\"7\"", "names no stream sequence"},
        {SEQ, "\"stream_seq\":0", "names no stream sequence"},
        {SEQ, "\"stream_seq\":-7", "names no stream sequence"},
        {SEQ, "\"stream_seq\":7.0", "names no stream sequence"},
        {SEQ, "\"stream_seq\":7e0", "names no stream sequence"},
        {SEQ, "\"stream_seq\":true", "names no stream sequence"},
        {SEQ, "\"stream_seq\":9223372036854775808", "is not JSON"},
        {SEQ, "\"stream_seq\":99999999999999999999999999", "is not JSON"},
        {SEQ, "\"stream_seq\":1e999", "is not JSON"},
        {DELIVERIES, "\"deliveries\":0", "lacks the number of deliveries"},
        {DELIVERIES, "\"deliveries\":null", "lacks the number of deliveries"},
        {DELIVERIES, "\"deliveries\":{}", "lacks the number of deliveries"},
        {TIME, "\"timestamp\":1795561856", "has no time"},
        {TIME, "\"timestamp\":\"\"", "has no time"},
        {TIME, "\"timestamp\":\"yesterday\"", "has no time"},
        {TIME, "\"timestamp\":\"2026-11-24T23:10:56\"", "has no time"},
        {TIME, "\"timestamp\":\"9999-11-24T23:10:56Z\"", "has no time"},
    };
    FOR_EACH (each, rows) {
        char *text = changed(each->from, each->to);
        const struct row row = {text, each->fault};
        assert_faults(&row, 1);
        free(text);
    }
}

TEST(reads_the_largest_sequence)
{
    struct advisory advisory;
    char *text = changed(SEQ, "\"stream_seq\":9223372036854775807");
    assert_null(parse(text, &advisory));
    free(text);
    assert_int_equal(advisory.seq, INT64_MAX);
}

TEST(takes_a_name_that_just_fits_and_refuses_a_longer_one)
{
    for (int length = ADVISORY_NAME_MAX - 2; length <= ADVISORY_NAME_MAX + 1; length++) {
        char field[2 * ADVISORY_NAME_MAX], name[ADVISORY_NAME_MAX + 2] = {0};
        struct advisory advisory;
        memset(name, 'c', (size_t)length);
        snprintf(field, sizeof field, "\"consumer\":\"%s\"", name);
        char *text = changed(CONSUMER, field);
        const char *fault = parse(text, &advisory);
        free(text);
        if (length < ADVISORY_NAME_MAX) {
            assert_null(fault);
            assert_string_equal(advisory.consumer, name);
        } else {
            assert_string_equal(fault, "names no consumer");
        }
    }
}

/* NUL bytes do not end the text, and nothing is read beyond its length. */
TEST(reads_exactly_the_given_bytes)
{
    static const char behind[] = "{}\0{}", within[] = "{\"type\":\"a\0b\"}";
    struct advisory advisory;
    assert_string_equal(advisory_parse(NULL, 0, "s", &advisory), "is not JSON");
    assert_string_equal(advisory_parse("\0\0", 2, "s", &advisory), "is not JSON");
    assert_string_equal(advisory_parse(behind, sizeof behind - 1, "s", &advisory), "is not JSON");
    assert_string_equal(advisory_parse(within, sizeof within - 1, "s", &advisory), "is not JSON");
    for (size_t length = 0; length < sizeof good - 1; length++) {
        char *cut = malloc(length + 1); /* so that a sanitizer sees a read beyond the end */
        memcpy(cut, good, length);
        const char *fault = advisory_parse(cut, length, "orders_stream", &advisory);
        free(cut);
        assert_string_equal(fault, "is not JSON");
    }
}

TEST(refuses_json_that_is_nested_too_deeply)
{
    enum { DEPTH = 100000 };
    struct advisory advisory;
    char *text = malloc(DEPTH);
    memset(text, '[', DEPTH);
    assert_string_equal(advisory_parse(text, DEPTH, "s", &advisory), "is not JSON");
    free(text);
}
