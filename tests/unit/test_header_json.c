#include "nats/header_json.h"

#include "base/cleanup.h"

#include "unit.h"

#include <jansson.h>

struct pair {
    const char *name, *value;
};

static const struct pair odd[] = {
    {"A", "1"}, {"A", ""}, {"A", "\xFF\xFE"}, {"B", ""}, {"C", "caf\xC3\xA9 \"\\\t"}, {"a", "2"}};
enum { ODD = sizeof odd / sizeof odd[0] };

static const char text[] = "{\"A\":[\"1\",\"\",{\"base64\":\"//4=\"}],\"B\":[\"\"],"
                           "\"C\":[\"caf\xC3\xA9 \\\"\\\\\\t\"],\"a\":[\"2\"]}";

TEST(writes_the_values_of_each_name)
{
    json_t *headers = json_object();
    struct buffer out = {0};
    const char *before = NULL;
    for (size_t i = 0; i < ODD; i++) {
        assert_true(header_json_add(headers, odd[i].name, odd[i].value));
        header_json_write(&out, before, odd[i].name, odd[i].value);
        before = odd[i].name;
    }
    header_json_write_end(&out, before);
    buffer_add(&out, "", 1);
    _cleanup_(cleanup_free) char *dumped = json_dumps(headers, JSON_COMPACT);
    assert_string_equal(dumped, text);
    assert_string_equal(out.bytes, text);
    json_decref(headers);
    buffer_release(&out);
}

TEST(writes_no_headers)
{
    struct buffer out = {0};
    header_json_write_end(&out, NULL);
    buffer_add(&out, "", 1);
    assert_string_equal(out.bytes, "{}");
    buffer_release(&out);
}

struct found {
    char text[256];
    size_t used;
};

/* "name=value;", with `-` for a value that is none. */
static const char *note(void *closure, const char *name, size_t name_length, const char *value,
                        size_t length)
{
    struct found *found = closure;
    found->used +=
        (size_t)snprintf(found->text + found->used, sizeof found->text - found->used, "%.*s=%.*s;",
                         (int)name_length, name, value ? (int)length : 1, value ? value : "-");
    return value ? NULL : "no value";
}

static const char *read_headers(const char *json, struct found *found)
{
    json_t *headers = json_loads(json, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    assert_non_null(headers);
    *found = (struct found){0};
    const char *fault = header_json_read(headers, note, found);
    json_decref(headers);
    return fault;
}

TEST(reads_what_was_written_and_the_older_shapes)
{
    static const struct {
        const char *json, *headers;
    } shapes[] = {
        {text, "A=1;A=;A=\xFF\xFE;B=;C=caf\xC3\xA9 \"\\\t;a=2;"},
        {"{}", ""},
        {"[]", ""},
        {"{\"A\":[]}", ""},
        {"{\"A\":\"1\",\"B\":[\"2\",\"3\"],\"C\":{\"base64\":\"/w==\"}}", "A=1;B=2;B=3;C=\xFF;"},
        {"[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"A\",\"value\":{\"base64\":\"/w==\"}}]",
         "A=1;A=\xFF;"},
    };
    struct found found;
    FOR_EACH (shape, shapes) {
        assert_null(read_headers(shape->json, &found));
        assert_string_equal(found.text, shape->headers);
    }
}

TEST(says_what_are_no_headers)
{
    static const struct {
        const char *json, *fault;
    } shapes[] = {
        {"3", "are not an object"},
        {"\"A: 1\"", "are not an object"},
        {"{\"A\":3}", "no value"},
        {"{\"A\":null}", "no value"},
        {"{\"A\":[\"1\",3]}", "no value"},
        {"{\"A\":{\"base64\":\"?\"}}", "no value"},
        {"{\"A\":{\"base64\":\"\",\"more\":1}}", "no value"},
        {"[3]", "something that is not"},
        {"[{\"name\":\"A\"}]", "something that is not"},
        {"[{\"name\":1,\"value\":\"1\"}]", "something that is not"},
        {"[{\"name\":\"A\",\"value\":\"1\",\"more\":1}]", "something that is not"},
    };
    struct found found;
    FOR_EACH (shape, shapes) {
        const char *fault = read_headers(shape->json, &found);
        if (!fault || !strstr(fault, shape->fault))
            fail_msg("%s: %s", shape->json, fault ? fault : "taken");
    }
}
