#include "base/error.h"

#include "unit.h"

TEST(keeps_the_last_text_and_exit_code)
{
    struct error error = {0};
    assert_int_equal(error_set(&error, EX_USAGE, "%s has %d", "it", 3), -1);
    assert_int_equal(error.exit_code, EX_USAGE);
    assert_string_equal(error.text, "it has 3");
    assert_int_equal(error_set(&error, EX_CONFIG, "other"), -1);
    assert_int_equal(error.exit_code, EX_CONFIG);
    assert_string_equal(error.text, "other");
}

static char *letters(size_t length)
{
    char *text = malloc(length + 1);
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

TEST(a_long_text_is_cut)
{
    for (size_t length = ERROR_TEXT_MAX - 40; length < ERROR_TEXT_MAX + 40; length++) {
        struct error error = {0};
        char *text = letters(length);
        error_set(&error, EX_IOERR, "%s", text);
        assert_int_equal(strlen(error.text), length < ERROR_TEXT_MAX ? length : ERROR_TEXT_MAX - 1);
        assert_memory_equal(error.text, text, strlen(error.text));
        free(text);
    }
}
