#include "base/text.h"

#include "unit.h"

struct row {
    const char *bytes;
    size_t length;
    const char *escaped, *header;
};

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct row rows[] = {
    {BYTES(""), "", ""},
    {BYTES("order-0"), "order-0", "order-0"},
    {BYTES("a\nb"), "a\\nb", "a b"},
    {BYTES("a\r\nb"), "a\\r\\nb", "a  b"},
    {BYTES("a\tb"), "a\\tb", "a b"},
    {BYTES("\x1b[31mred"), "\\x1b[31mred", "[31mred"},
    {BYTES("a\0b"), "a\\x00b", "a b"},
    {BYTES("\x7f"), "\\x7f", ""},
    {BYTES("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
    {BYTES("\xe2\x82\xac"), "\xe2\x82\xac", "\xe2\x82\xac"},
    {BYTES("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {BYTES("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    /* C1 controls, which some terminals obey: CSI is U+009B */
    {BYTES("\xc2\x9b"
           "31m"),
     "\\xc2\\x9b31m", "31m"},
    {BYTES("\xc2\xa0"), "\xc2\xa0", "\xc2\xa0"},
    /* invalid UTF-8: a lone byte, cut short, overlong, a surrogate, beyond the last character */
    {BYTES("\x80"), "\\x80", "?"},
    {BYTES("\xff\xfe"), "\\xff\\xfe", "??"},
    {BYTES("\xc3"), "\\xc3", "?"},
    {BYTES("\xe2\x82"), "\\xe2\\x82", "??"},
    {BYTES("\xf0\x9f\x98"), "\\xf0\\x9f\\x98", "???"},
    {BYTES("\xc3(x"), "\\xc3(x", "?(x"},
    {BYTES("\xc0\xaf"), "\\xc0\\xaf", "??"},
    {BYTES("\xc1\x8a"), "\\xc1\\x8a", "??"},
    {BYTES("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", "???"},
    {BYTES("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf", "????"},
    {BYTES("\xed\xa0\x80"), "\\xed\\xa0\\x80", "???"},
    {BYTES("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", "????"},
    {BYTES("\xf5\x80\x80\x80"), "\\xf5\\x80\\x80\\x80", "????"},
    {BYTES("  both ends \n"), "  both ends \\n", "both ends"},
    {BYTES(" \r\n\t "), " \\r\\n\\t ", ""},
    {BYTES("oops\r\nNats-Msg-Id: x"), "oops\\r\\nNats-Msg-Id: x", "oops  Nats-Msg-Id: x"},
};

TEST(escapes_controls_and_invalid_utf8)
{
    char text[TEXT_MAX];
    FOR_EACH (row, rows)
        assert_string_equal(text_escape(row->bytes, row->length, text), row->escaped);
}

TEST(makes_any_text_safe_for_a_header)
{
    char text[256];
    FOR_EACH (row, rows)
        assert_string_equal(text_header_safe(row->bytes, row->length, text, sizeof text),
                            row->header);
}

TEST(recognizes_utf8)
{
    FOR_EACH (row, rows) /* '?' stands for an invalid byte */
        assert_int_equal(text_is_utf8(row->bytes, row->length), !strchr(row->header, '?'));
}

/* An ellipsis marks the cut. */
TEST(cuts_long_bodies_between_characters)
{
    static const char *const units[] = {"x",        "\n",           "\xff",
                                        "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    FOR_EACH (unit, units) {
        size_t step = strlen(*unit);
        for (size_t length = 190; length < 210; length++) {
            char bytes[256], text[TEXT_MAX], again[TEXT_MAX];
            for (size_t at = 0; at < length; at++)
                bytes[at] = (*unit)[at % step];
            text_escape(bytes, length, text);
            assert_true(strlen(text) < TEXT_MAX);
            bool is_cut = strlen(text) > 3 && strcmp(text + strlen(text) - 3, "…") == 0;
            assert_int_equal(is_cut, length > TEXT_SHOWN);
            /* the result is UTF-8 without controls */
            if (strlen(text) <= TEXT_SHOWN)
                assert_string_equal(text_escape(text, strlen(text), again), text);
        }
    }
}

TEST(reads_exactly_the_given_length)
{
    char text[TEXT_MAX];
    for (size_t length = 1; length < 4; length++) {
        char *bytes = malloc(length); /* so that a sanitizer sees a read beyond the end */
        memcpy(bytes, "\xf0\x9f\x98\x80", length);
        text_escape(bytes, length, text);
        free(bytes);
        assert_int_equal(strlen(text), 4 * length);
    }
    assert_string_equal(text_escape(NULL, 0, text), "");
}

TEST(cuts_header_texts_between_characters)
{
    static const struct {
        size_t size;
        const char *text;
    } cuts[] = {{1, ""},
                {2, "a"},
                {3, "a"},
                {4, "a\xc3\xbc"},
                {5, "a\xc3\xbc"
                    "b"},
                {6, "a\xc3\xbc"
                    "bc"},
                {7, "a\xc3\xbc"
                    "bc"},
                {64, "a\xc3\xbc"
                     "bc"}};
    FOR_EACH (cut, cuts) {
        char *text = malloc(cut->size);
        text_header_safe("a\xc3\xbc"
                         "bc",
                         5, text, cut->size);
        char copy[64];
        snprintf(copy, sizeof copy, "%s", text);
        free(text);
        assert_string_equal(copy, cut->text);
    }
}

TEST(no_byte_becomes_a_control)
{
    for (int c = 0; c < 256; c++) {
        char bytes[3] = {'a', (char)c, 'b'}, text[TEXT_MAX], header[16];
        text_escape(bytes, 3, text);
        text_header_safe(bytes, 3, header, sizeof header);
        for (const char *p = text; *p; p++)
            assert_true((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
        for (const char *p = header; *p; p++)
            assert_true((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
        assert_int_equal(strlen(header), 3);
    }
}

TEST(escapes_text_for_json)
{
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"", ""},
        {"orders.new", "orders.new"},
        {"a\"b\\c", "a\\\"b\\\\c"},
        {"tab\there\x01", "tab\\u0009here\\u0001"},
        {"größe", "größe"},
    };
    FOR_EACH (example, cases) {
        char *quoted = text_escape_json(example->text);
        assert_string_equal(quoted, example->quoted);
        free(quoted);
    }
}
