#include "base/wrapped_text.h"

#include "base/cleanup.h"

#include "unit.h"

#include <stdint.h>
#include <unistd.h>

static const struct {
    const char *text;
    int indent;
    size_t columns;
    const char *printed;
} table[] = {
    {"one two", 0, 9, "one two\n"},
    {"one two", 0, 7, "one two\n"},
    {"one two", 0, 6, "one\ntwo\n"},
    {"one two", 0, 2, "one\ntwo\n"},
    {"one two", 2, 6, "one\n  two\n"},
    {"one two", 2, SIZE_MAX, "one two\n"},
    {"日本 語", 0, 7, "日本 語\n"},
    {"日本 語", 0, 6, "日本\n語\n"},
    {"a line\nanother", 1, 9, "a line\n another\n"},
    {"run it -- COMMAND", 0, 10, "run it\n-- COMMAND\n"},
    {"", 0, 9, "\n"},
};

static void print(const char *text, int indent, size_t columns, char printed[256])
{
    _cleanup_(cleanup_file) FILE *file = tmpfile();
    fflush(stdout);
    _cleanup_(cleanup_fd) int kept = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    wrapped_text_print(text, indent, columns);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    rewind(file);
    printed[fread(printed, 1, 255, file)] = '\0';
}

TEST(lines_end_with_whole_words)
{
    char printed[256];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        print(table[i].text, table[i].indent, table[i].columns, printed);
        assert_string_equal(printed, table[i].printed);
    }
}
