#include "handler/oom_score.h"

#include "base/decimal.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

enum { RAISE = 500, SCORE_MOST = 1000, NUMBER_MAX = 24 };

int oom_score_raised(const char *shown)
{
    uint64_t digits;
    const char *at = *shown == '-' ? shown + 1 : shown;
    if (!decimal_scan(&at, &digits) || digits > SCORE_MOST)
        digits = 0;
    int score = (*shown == '-' ? -(int)digits : (int)digits) + RAISE;
    return score > SCORE_MOST ? SCORE_MOST : score;
}

static size_t write_score(int score, char text[NUMBER_MAX])
{
    char *at = text;
    if (score < 0)
        *at++ = '-';
    return (size_t)(decimal_write(at, (uint64_t)(score < 0 ? -score : score)) - text);
}

void oom_score_raise(void)
{
    char text[NUMBER_MAX] = "";
    int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read(fd, text, sizeof text - 1) > 0) {
        size_t length = write_score(oom_score_raised(text), text);
        (void)!write(fd, text, length);
    }
    close(fd);
}
