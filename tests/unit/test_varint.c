#include "base/varint.h"

#include "unit.h"

TEST(decodes_what_it_encodes)
{
    static const struct {
        uint32_t value;
        size_t length;
    } cases[] = {{0, 1},     {1, 1},       {0x7F, 1},    {0x80, 2},
                 {16383, 2}, {1 << 14, 3}, {1 << 28, 5}, {UINT32_MAX, 5}};
    FOR_EACH (each, cases) {
        uint8_t bytes[VARINT_MAX];
        uint64_t value;
        assert_int_equal(varint_write(each->value, bytes), each->length);
        for (size_t cut = 0; cut < each->length; cut++)
            assert_int_equal(varint_read(bytes, cut, &value), 0);
        assert_int_equal(varint_read(bytes, each->length, &value), each->length);
        assert_int_equal(value, each->value);
    }
}

TEST(refuses_a_varint_that_is_too_long)
{
    static const uint8_t bytes[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
    uint64_t value;
    assert_int_equal(varint_read(bytes, sizeof bytes, &value), -1);
    assert_int_equal(varint_read(bytes, VARINT_MAX, &value), -1);
    assert_int_equal(varint_read(bytes, VARINT_MAX - 1, &value), 0);
}
