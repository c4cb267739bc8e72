#include "letters/normalize_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
    const char *error, *folded;
} rows[] = {
    {"", ""},
    {"disk full", "disk full"},
    {"exit 1", "exit <n>"},
    {"timeout after 30s", "timeout after <n>s"},
    {"1.5 of 2,000 tried", "<n> of <n>,<n> tried"},
    {"dial 10.0.0.7:4222: refused", "dial <n>: refused"},
    {"at 12:30:01, no", "at <n>, no"},
    {"open /tmp/a7: No such file", "open <path>: No such file"},
    {"open '/tmp/a b': no", "open '<path> b': no"},
    {"./x/y.sh: line 12: z: not found", "<path>: line <n>: z: not found"},
    {"~/x missing.", "<path> missing."},
    {"C:\\temp\\x.txt is locked", "<path> is locked"},
    {"GET https://host/a?b=1 gave 503", "GET <path>=<n> gave <n>"},
    {"and/or, either/or", "and/or, either/or"},
    {"a / b", "a / b"},
    {"order 550e8400-e29b-41d4-a716-446655440000 lost", "order <id> lost"},
    {"commit 6b85b34c1d is bad", "commit <id> is bad"},
    {"01ARZ3NDEKTSV4RRFFQ69G5FAV unknown", "<id> unknown"},
    {"pointer 0x7fffdeadbeef", "pointer <n>"},
    {"0x is no number", "<n>x is no number"},
    {"deadbeef is a word", "deadbeef is a word"},
    {"utf-8 and sha256 and ipv4", "utf-<n> and sha<n> and ipv<n>"},
    {"user[42] (id=7)", "user[<n>] (id=<n>)"},
    {"Größe 7 ≠ 8", "Größe <n> ≠ <n>"},
    {"  two  blanks ", "  two  blanks "},
    {"wait...", "wait..."},
    {"...", "..."},
    {":", ":"},
    {"7.", "<n>."},
};

static void test_table(void **state)
{
    (void)state;
    char folded[256];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(normalize_error(rows[i].error, folded, sizeof folded), rows[i].folded);
}

/* Folding what is folded changes nothing. */
static void test_twice(void **state)
{
    (void)state;
    char once[256], twice[256];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        normalize_error(rows[i].error, once, sizeof once);
        assert_string_equal(normalize_error(once, twice, sizeof twice), once);
    }
}

static void test_never_writes_more(void **state)
{
    (void)state;
    char folded[64];
    for (size_t size = 1; size < sizeof folded; size++) {
        memset(folded, 'x', sizeof folded);
        normalize_error("open /tmp/a: 12 of 30 tries, 0xff, 550e8400-e29b-41d4", folded, size);
        assert_true(strlen(folded) < size);
        for (size_t i = size; i < sizeof folded; i++)
            assert_int_equal(folded[i], 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_never_writes_more),
    };
    return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
