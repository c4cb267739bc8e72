#include "base/size_text.h"

#include "unit.h"

TEST(a_size_has_the_unit_that_fits_it)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        {0, "0 B"},
        {1, "1 B"},
        {1023, "1023 B"},
        {1024, "1 KiB"},
        {1200, "1.2 KiB"},
        {2047, "2 KiB"},
        {10 * 1024 + 300, "10 KiB"},
        {1048575, "1 MiB"},
        {35 * 1048576 + 5, "35 MiB"},
        {256 * 1048576, "256 MiB"},
        {UINT64_C(3) << 29, "1.5 GiB"},
        {UINT64_MAX, "16 EiB"},
    };
    char text[SIZE_TEXT_MAX];
    FOR_EACH (row, rows)
        assert_string_equal(size_text(row->bytes, text), row->text);
}
