#include "source/jsonl.h"

#include "base/cleanup.h"

#include "unit.h"

/* "subject|id|headers|body", with - for a missing part. */
static const char *show(const struct jsonl *job, char text[512])
{
    int used =
        snprintf(text, 512, "%s|%s|", job->subject ? job->subject : "-", job->id ? job->id : "-");
    for (size_t i = 0; i < job->n_headers; i++)
        used += snprintf(text + used, 512 - (size_t)used, "%s%s=%s", i ? "," : "",
                         job->headers[i].name, job->headers[i].value);
    snprintf(text + used, 512 - (size_t)used, "|%.*s", (int)job->length,
             job->body ? (const char *)job->body : "");
    return text;
}

struct refused_line {
    const char *line, *fault;
};

static void assert_refused(const struct refused_line *lines, size_t n)
{
    struct jsonl job = {0};
    for (size_t i = 0; i < n; i++) {
        const char *fault = jsonl_read(&job, lines[i].line, strlen(lines[i].line));
        if (!fault || !strstr(fault, lines[i].fault))
            fail_msg("%s: %s", lines[i].line, fault ? fault : "taken");
    }
    jsonl_release(&job);
}

TEST(reads_jobs)
{
    static const struct {
        const char *line, *job;
    } lines[] = {
        {"{}", "-|-||"},
        {" { } \r", "-|-||"},
        {"\xEF\xBB\xBF{\"body\":\"a\"}", "-|-||a"},
        {"{\"body\":\"\"}", "-|-||"},
        {"{\"body\":\"a\"}", "-|-||a"},
        {"{\"body\":\"a\\nb\\\"c\"}", "-|-||a\nb\"c"},
        {"{\"body\":\"\xC3\xA9\\u00e9\"}", "-|-||\xC3\xA9\xC3\xA9"},
        {"{\"body_base64\":\"aGVsbG8=\"}", "-|-||hello"},
        {"{\"body_base64\":\"\"}", "-|-||"},
        {"{\"subject\":\"orders.a\",\"id\":\"x-1\",\"body\":\"b\"}", "orders.a|x-1||b"},
        {"{\"headers\":{\"A\":\"1\",\"B\":[\"2\",\"3\"]}}", "-|-|A=1,B=2,B=3|"},
        {"{\"headers\":{\"A\":[]}}", "-|-||"},
        {"{\"headers\":{}}", "-|-||"},
        {"{\"headers\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"A\",\"value\":\"\"}]}",
         "-|-|A=1,A=|"},
        {"{\"headers\":{\"A\":\"a: b\"}}", "-|-|A=a: b|"},
        {"{\"headers\":{\"A\":[{\"base64\":\"/w==\"},\"1\"]}}", "-|-|A=\xFF,A=1|"},
    };
    struct jsonl job = {0};
    FOR_EACH (each, lines) {
        char text[512];
        const char *fault = jsonl_read(&job, each->line, strlen(each->line));
        if (fault)
            fail_msg("%s: %s", each->line, fault);
        assert_string_equal(show(&job, text), each->job);
    }
    jsonl_release(&job);
}

TEST(says_what_is_wrong_with_a_line)
{
    static const struct refused_line lines[] = {
        {"", "it is not JSON: "},
        {"{", "it is not JSON: "},
        {"{\"body\":\"\xFF\"}", "it is not JSON: "},
        {"{\"body\":\"a\"} x", "it is not JSON: "},
        {"{\"body\":\"a\",\"body\":\"b\"}", "it is not JSON: duplicate"},
        {"[]", "it is not a JSON object"},
        {"{\"Body\":\"a\"}", "it has the unknown field 'Body'; known are subject, id, "},
        {"{\"a\\nb\":1}", "it has the unknown field 'a\\nb'"},
        {"{\"body\":1}", "its \"body\" is not a string"},
        {"{\"body\":null}", "its \"body\" is not a string"},
        {"{\"body\":{\"a\":1}}", "its \"body\" is not a string"},
        {"{\"body_base64\":1}", "its \"body_base64\" is not a string"},
        {"{\"body_base64\":\"a\"}", "its \"body_base64\" is not base64"},
        {"{\"body_base64\":\"aGVsbG8\"}", "its \"body_base64\" is not base64"},
        {"{\"body_base64\":\"aGVs\\u0000\"}", "its \"body_base64\" is not base64"},
        {"{\"body\":\"a\",\"body_base64\":\"\"}", "it has both"},
        {"{\"body_base64\":\"\",\"body\":\"\"}", "it has both"},
        {"{\"subject\":3}", "its \"subject\" is not a string"},
        {"{\"subject\":\"\"}", "its \"subject\" is empty"},
        {"{\"subject\":\"a b\"}", "its \"subject\" has a blank"},
        {"{\"subject\":\"a.*\"}", "its \"subject\" has a wildcard"},
        {"{\"subject\":\"a\\u0000b\"}", "its \"subject\" has a NUL"},
        {"{\"subject\":\"a\\r\\nPUB x 0\"}", "its \"subject\" has a blank or a control"},
        {"{\"id\":3}", "its \"id\" is not a string"},
        {"{\"id\":\"\"}", "its \"id\" is empty"},
        {"{\"id\":\"a\\r\\nNats-Rollup: all\"}", "its \"id\" has a blank or control"},
        {"{\"headers\":3}", "its \"headers\" are not an object"},
        {"{\"headers\":{\"A\":3}}", "its header 'A' is not a string"},
        {"{\"headers\":{\"A\":[\"1\",2]}}", "its header 'A' is not a string"},
        {"{\"headers\":{\"\":\"1\"}}", "its header '' has no name"},
        {"{\"headers\":{\"A\":\"1\\r\\nB: 2\"}}", "its header 'A' has a line break"},
        {"{\"headers\":{\"A\":\"1\\n\"}}", "its header 'A' has a line break"},
        {"{\"headers\":{\"A\":\"\\u0000\"}}", "its header 'A' has a line break or a NUL"},
        {"{\"headers\":{\"A\\r\\nB\":\"1\"}}", "its header 'A\\r\\nB' has a name with"},
        {"{\"headers\":{\"A:\":\"1\"}}", "its header 'A:' has a name with"},
        {"{\"headers\":{\"\xC3\xA9\":\"1\"}}", "has a name with"},
        {"{\"headers\":{\"nats-msg-id\":\"1\"}}",
         "its header 'nats-msg-id' cannot be set as a header"},
        {"{\"headers\":{\"Nats-Expected-Stream\":\"1\"}}", "cannot be set: "},
        {"{\"headers\":[3]}", "its \"headers\" contain something"},
        {"{\"headers\":[{\"name\":\"A\"}]}", "its \"headers\" contain something"},
        {"{\"headers\":[{\"name\":\"A\\u0000\",\"value\":\"1\"}]}", "has a name with"},
    };
    assert_refused(lines, sizeof lines / sizeof *lines);
}

TEST(writes_one_line_that_reads_back)
{
    static struct header headers[] = {{"A", "1"}, {"B", "\xC3\xA9 \"\\"}, {"A", "2"}};
    static struct header odd[] = {{"A", "\xFF\xFE"}, {"B", ""}};
    static const struct jsonl jobs[] = {
        {0},
        {.subject = "a.b", .id = "x", .body = "a\nb", .length = 3},
        {.subject = "a.b", .headers = headers, .n_headers = 1, .body = "\xFF\0\xFE", .length = 3},
        {.headers = odd, .n_headers = 2},
        {.headers = headers, .n_headers = 2, .body = "nul\0nul", .length = 7},
    };
    struct jsonl back = {0};
    FOR_EACH (job, jobs) {
        char before[512], after[512];
        _cleanup_(cleanup_free) char *line = jsonl_write(job);
        assert_non_null(line);
        assert_null(strchr(line, '\n'));
        assert_null(jsonl_read(&back, line, strlen(line)));
        assert_string_equal(show(job, before), show(&back, after));
        assert_int_equal(back.length, job->length);
        if (back.length)
            assert_memory_equal(back.body, job->body, back.length);
    }
    jsonl_release(&back);
}

TEST(writes_the_values_of_a_repeated_header_in_order)
{
    static struct header headers[] = {{"A", "1"}, {"B", "2"}, {"A", "3"}};
    const struct jsonl job = {.headers = headers, .n_headers = 3};
    _cleanup_(cleanup_free) char *line = jsonl_write(&job);
    assert_string_equal(line, "{\"headers\":{\"A\":[\"1\",\"3\"],\"B\":[\"2\"]},\"body\":\"\"}");
}

#define LETTER(headers, rest)                                                                      \
    "{\"place\":\"natsq.held.s._.1.2\",\"dlq_seq\":7,\"stored\":\"2026-01-01T00:00:00Z\","         \
    "\"headers\":{" headers "}" rest "}"
#define SUBJECT "\"Natsq-Origin-Subject\":[\"orders.a\"],\"Natsq-Reason\":[\"exit 1\"]"

TEST(reads_an_exported_letter_as_its_job)
{
    static const struct {
        const char *line, *job;
    } lines[] = {
        {LETTER(SUBJECT ",\"A\":[\"1\"]", ",\"body\":\"b\""), "orders.a|-|A=1|b"},
        {LETTER(SUBJECT ",\"Nats-Expected-Last-Subject-Sequence\":[\"0\"]", ""), "orders.a|-||"},
        {LETTER("\"Natsq-Job-Id\":[\"x\"],\"Natsq-Was-Nats-TTL\":[\"1h\"]," SUBJECT, ""),
         "orders.a|-|Natsq-Job-Id=x,Natsq-Was-Nats-TTL=1h|"},
        {LETTER(SUBJECT ",\"Natsq-Body\":[\"origin\"]", ",\"body\":\"b\""), "orders.a|-||b"},
        {LETTER("", ",\"subject\":\"orders.b\",\"id\":\"i\""), "orders.b|i||"},
        {LETTER("\"A\":[{\"base64\":\"/w==\"}]," SUBJECT, ""), "orders.a|-|A=\xFF|"},
    };
    struct jsonl job = {0};
    FOR_EACH (each, lines) {
        char text[512];
        const char *fault = jsonl_read(&job, each->line, strlen(each->line));
        if (fault)
            fail_msg("%s: %s", each->line, fault);
        assert_string_equal(show(&job, text), each->job);
        assert_false(job.is_end);
    }
    static const char end[] = "{\"end\":true,\"letters\":6}";
    assert_null(jsonl_read(&job, end, sizeof end - 1));
    assert_true(job.is_end);
    jsonl_release(&job);
}

TEST(says_why_a_letter_is_not_a_job)
{
    static const struct refused_line lines[] = {
        {LETTER("", ""), "a letter that names no subject"},
        {LETTER("\"Natsq-Origin-Subject\":[\"a b\"]", ""), "its \"subject\" has a blank"},
        {LETTER(SUBJECT ",\"Natsq-Body\":[\"origin\"]", ",\"body\":\"\""), "its body was gone"},
        {LETTER(SUBJECT ",\"Nats-Msg-Id\":[\"x\"]", ""), "cannot be set as a header"},
        {LETTER(SUBJECT, ",\"bodi\":\"\""), "unknown field 'bodi'"},
        {"{\"dlq_seq\":7}", "unknown field 'dlq_seq'"},
        {"{\"end\":false}", "unknown field 'end'"},
    };
    assert_refused(lines, sizeof lines / sizeof *lines);
}

TEST(reads_many_headers)
{
    enum { MANY = 10000 };
    _cleanup_(cleanup_free) char *line = malloc(MANY * 20 + 40);
    char *at = stpcpy(line, "{\"headers\":{");
    for (int i = 0; i < MANY; i++)
        at += sprintf(at, "%s\"H%d\":\"v\"", i ? "," : "", i);
    strcpy(at, "}}");
    struct jsonl job = {0};
    assert_null(jsonl_read(&job, line, strlen(line)));
    assert_int_equal(job.n_headers, MANY);
    jsonl_release(&job);
}
