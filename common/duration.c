#include "duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct unit {
    const char *name;
    int64_t ns;
};

static const struct unit units[] = {
    {"d", 24 * DURATION_HOUR},
    {"h", DURATION_HOUR},
    {"m", DURATION_MINUTE},
    {"s", DURATION_S},
    {"ms", DURATION_MS},
    {"us", 1000},
    {"ns", 1},
};

static const int64_t longest = 100 * 365 * 24 * DURATION_HOUR;

static const struct unit *unit_named(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0)
            return &units[i];
    return NULL;
}

/* A number with an optional fraction, without strtod's signs, exponents, hexadecimals and locale.
 */
static bool parse_number(const char **at, double *number)
{
    const char *start = *at;
    double value = 0, scale = 1;
    bool fraction = false;
    const char *p = start;
    for (; isdigit((unsigned char)*p) || (*p == '.' && !fraction); p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        value = value * 10 + (*p - '0');
        if (fraction)
            scale *= 10;
    }
    *at = p;
    *number = value / scale;
    return isdigit((unsigned char)*start) && p[-1] != '.';
}

bool duration_parse(const char *text, int64_t *ns)
{
    double total = 0;
    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return true;
    }
    const char *at = text;
    do {
        double number;
        if (!parse_number(&at, &number))
            return false;
        size_t length = strspn(at, "dhmsun");
        const struct unit *unit = unit_named(at, length);
        if (!unit)
            return false;
        total += number * (double)unit->ns;
        at += length;
    } while (*at);
    if (total > (double)longest)
        return false;
    *ns = (int64_t)(total + 0.5);
    return true;
}

const char *duration_format(int64_t ns, char text[DURATION_TEXT_MAX])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof units / sizeof units[0] && ns > 0; i++) {
        int64_t count = ns / units[i].ns;
        if (count == 0)
            continue;
        used += (size_t)snprintf(text + used, DURATION_TEXT_MAX - used, "%" PRId64 "%s", count,
                                 units[i].name);
        ns %= units[i].ns;
    }
    if (used == 0)
        snprintf(text, DURATION_TEXT_MAX, "0s");
    return text;
}

int64_t duration_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * DURATION_S + now.tv_nsec;
}
