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

/* `YYYY-MM-DDThh:mm:ss`, in seconds since 1970. Formatted again it must give the same text, because
 * strptime(3) also accepts blanks, missing zeros and days that do not exist. */
static bool date_and_time(const char **at, int64_t *seconds)
{
    static const char format[] = "%Y-%m-%dT%H:%M:%S";
    /* Since 1900; the nanoseconds of later years exceed 64 bits. */
    enum { FIRST_YEAR = 70, LAST_YEAR = 361 };
    char text[TIMESTAMP_TEXT_MAX];
    struct tm tm = {0};
    const char *end = strptime(*at, format, &tm);
    if (!end || tm.tm_year < FIRST_YEAR || tm.tm_year > LAST_YEAR)
        return false;
    *seconds = timegm(&tm);
    size_t length = strftime(text, sizeof text, format, &tm);
    bool is_same = strncmp(*at, text, length) == 0;
    *at = end;
    return is_same;
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
static bool zone(const char **at, int64_t *east)
{
    enum { OFFSET = sizeof "hh:mm" - 1 };
    struct tm offset = {0};
    const char *digits = *at + 1;
    *east = 0;
    if (**at == 'Z') {
        *at = digits;
        return true;
    }
    if ((**at != '+' && **at != '-') || strspn(digits, "0123456789:") < OFFSET ||
        strptime(digits, "%H:%M", &offset) != digits + OFFSET)
        return false;
    *east = (**at == '-' ? -60 : 60) * (60 * offset.tm_hour + offset.tm_min);
    *at = digits + OFFSET;
    return true;
}

bool timestamp_parse(const char *text, int64_t *ns)
{
    int64_t seconds, below, east;
    if (!date_and_time(&text, &seconds) || !fraction(&text, &below) || !zone(&text, &east) || *text)
        return false;
    *ns = (seconds - east) * second + below;
    return true;
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
