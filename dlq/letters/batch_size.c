#include "letters/batch_size.h"

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

void batch_size_begin(struct batch_size *size, size_t most)
{
    *size = (struct batch_size){.most = most, .now = least_of(most, BATCH_FIRST)};
}

void batch_size_learn(struct batch_size *size, size_t n, size_t bytes)
{
    if (n == 0)
        return;
    size_t fit = BATCH_BYTES / (bytes / n + 1);
    size_t next = least_of(2 * size->now, fit);
    size->now = least_of(next > BATCH_LEAST ? next : BATCH_LEAST, size->most);
}
