#include "base/base64.h"

#include "base/cleanup.h"

#include "unit.h"

#include <errno.h>
#include <jansson.h>

TEST(decodes_what_it_encodes)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xff\xfe?", "//4/"}};
    FOR_EACH (each, cases) {
        size_t length;
        _cleanup_(cleanup_free) char *text = base64_encode(each->bytes, strlen(each->bytes));
        assert_string_equal(text, each->text);
        _cleanup_(cleanup_free) char *bytes = base64_decode(text, strlen(text), &length);
        assert_int_equal(length, strlen(each->bytes));
        assert_string_equal(bytes, each->bytes); /* and a NUL after it */
    }
}

TEST(refuses_what_is_not_base64)
{
    static const char *const texts[] = {"a", "Zg", "Zg=", "Zm9v ", "Zm-v", "Zg==Zg=="};
    size_t length;
    FOR_EACH (text, texts) {
        errno = 0;
        assert_null(base64_decode(*text, strlen(*text), &length));
        assert_int_equal(errno, EINVAL);
    }
    assert_null(base64_decode("Zm9v\0AAA", 8, &length));
}

TEST(a_body_in_json_is_text_or_base64)
{
    json_t *object = json_object();
    base64_json_body(object, NULL, 0);
    assert_string_equal(json_string_value(json_object_get(object, "body")), "");
    base64_json_body(object, "a\0b", 3);
    assert_int_equal(json_string_length(json_object_get(object, "body")), 3);
    assert_null(json_object_get(object, "body_base64"));
    base64_json_body(object, "\xff", 1);
    assert_string_equal(json_string_value(json_object_get(object, "body_base64")), "/w==");
    json_decref(object);
}
