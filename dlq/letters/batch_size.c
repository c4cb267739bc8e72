#include "letters/batch_size.h"

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

void portion_begin(struct portion *portion, size_t most)
{
    *portion = (struct portion){.most = most, .now = least_of(most, PORTION_FIRST)};
}

void portion_learn(struct portion *portion, size_t n, size_t bytes)
{
    if (n == 0)
        return;
    size_t fit = PORTION_BYTES / (bytes / n + 1);
    size_t next = least_of(2 * portion->now, fit);
    portion->now = least_of(next > PORTION_LEAST ? next : PORTION_LEAST, portion->most);
}
