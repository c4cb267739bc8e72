#include "tables/normalize_error.h"

#include "unit.h"

static const struct row {
    const char *error, *normalized;
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

TEST(replaces_numbers_paths_and_ids)
{
    char normalized[256];
    FOR_EACH (row, rows)
        assert_string_equal(normalize_error(row->error, normalized, sizeof normalized),
                            row->normalized);
}

TEST(changes_nothing_the_second_time)
{
    char once[256], twice[256];
    FOR_EACH (row, rows) {
        normalize_error(row->error, once, sizeof once);
        assert_string_equal(normalize_error(once, twice, sizeof twice), once);
    }
}

TEST(never_writes_beyond_the_buffer)
{
    char normalized[64];
    for (size_t size = 1; size < sizeof normalized; size++) {
        memset(normalized, 'x', sizeof normalized);
        normalize_error("open /tmp/a: 12 of 30 tries, 0xff, 550e8400-e29b-41d4", normalized, size);
        assert_true(strlen(normalized) < size);
        for (size_t i = size; i < sizeof normalized; i++)
            assert_int_equal(normalized[i], 'x');
    }
}
