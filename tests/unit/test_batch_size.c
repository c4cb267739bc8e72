#include "letters/batch_size.h"

#include "unit.h"

static const struct row {
    size_t most, now; /* before */
    size_t n, bytes;  /* of the batch */
    size_t expected;
} rows[] = {
    /* small letters: twice as many, up to the maximum */
    {1024, 128, 128, 128 * 16, 256},
    {1024, 512, 512, 0, 1024},
    {1024, 1024, 1024, 1024 * 16, 1024},
    /* a batch that was not full counts as well */
    {1024, 128, 1, 16, 256},
    {1024, 1024, 1, 1 << 20, 16},
    /* as many as fit */
    {1024, 1024, 1024, 1024 * 32767u, 512},
    {1024, 128, 100, 100 * 131071u, 128},
    {1024, 128, 100, 100 * 262143u, 64},
    /* at least a few, no matter how large they are */
    {1024, 128, 10, 10u << 24, 16},
    {1024, 128, 2, SIZE_MAX / 2, 16},
    /* a batch size of one stays one */
    {1, 1, 1, 0, 1},
    {1, 1, 1, 1u << 30, 1},
    /* an empty batch changes nothing */
    {1024, 128, 0, 0, 128},
};

TEST(the_size_follows_the_bytes_of_the_last_batch)
{
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct batch_size batch_size = {.most = rows[i].most, .now = rows[i].now};
        batch_size_learn(&batch_size, rows[i].n, rows[i].bytes);
        if (batch_size.now != rows[i].expected)
            fail_msg("row %zu: %zu, not %zu", i, batch_size.now, rows[i].expected);
    }
}

TEST(the_first_batch_is_small)
{
    struct batch_size batch_size;
    batch_size_begin(&batch_size, BATCH_MAX);
    assert_int_equal(batch_size.now, BATCH_FIRST);
    batch_size_begin(&batch_size, 1);
    assert_int_equal(batch_size.now, 1);
}
