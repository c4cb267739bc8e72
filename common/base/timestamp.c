#include "base/timestamp.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t second = INT64_C(1000000000);

int64_t timestamp_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * second + now.tv_nsec;
}

/* `width` digits exactly, within a range; moves `at` behind them. */
static bool digits(const char **at, int width, int least, int most, int *value)
{
    *value = 0;
    for (int i = 0; i < width; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return *value >= least && *value <= most;
}

static bool literal(const char **at, char expected)
{
    if (**at != expected)
        return false;
    (*at)++;
    return true;
}

static bool fraction(const char **at, int64_t *ns)
{
    *ns = 0;
    if (**at != '.')
        return true;
    (*at)++;
    int64_t unit = second / 10;
    const char *start = *at;
    for (; isdigit((unsigned char)**at) && unit > 0; (*at)++, unit /= 10)
        *ns += (**at - '0') * unit;
    return *at > start;
}

/* `Z` or `+hh:mm`, in seconds east of UTC. */
static bool zone(const char **at, int *east)
{
    *east = 0;
    if (literal(at, 'Z'))
        return true;
    int sign = **at == '-' ? -1 : 1, hours, minutes;
    if (!literal(at, '+') && !literal(at, '-'))
        return false;
    if (!digits(at, 2, 0, 23, &hours) || !literal(at, ':') || !digits(at, 2, 0, 59, &minutes))
        return false;
    *east = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool timestamp_parse(const char *text, int64_t *ns)
{
    struct tm tm = {0};
    int year, month, day, east;
    int64_t below;
    const char *at = text;
    if (!digits(&at, 4, 1970, 2261, &year) || !literal(&at, '-') ||
        !digits(&at, 2, 1, 12, &month) || !literal(&at, '-') || !digits(&at, 2, 1, 31, &day) ||
        !literal(&at, 'T') || !digits(&at, 2, 0, 23, &tm.tm_hour) || !literal(&at, ':') ||
        !digits(&at, 2, 0, 59, &tm.tm_min) || !literal(&at, ':') ||
        !digits(&at, 2, 0, 59, &tm.tm_sec) || !fraction(&at, &below) || !zone(&at, &east) || *at)
        return false;
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    tm.tm_mday = day;
    *ns = ((int64_t)timegm(&tm) - east) * second + below;
    return tm.tm_mday == day; /* timegm makes 3 March of 31 February */
}

const char *timestamp_format(int64_t ns, int decimals, char text[TIMESTAMP_TEXT_MAX])
{
    int64_t below = ns % second;
    time_t seconds = (time_t)(ns / second);
    if (below < 0) {
        below += second;
        seconds--;
    }
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t used = strftime(text, TIMESTAMP_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    if (decimals > 0) {
        char nine[16];
        snprintf(nine, sizeof nine, "%09" PRId64, below);
        used += (size_t)snprintf(text + used, TIMESTAMP_TEXT_MAX - used, ".%.*s", decimals, nine);
    }
    snprintf(text + used, TIMESTAMP_TEXT_MAX - used, "Z");
    return text;
}
