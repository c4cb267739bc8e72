#include "base/duration.h"

#include "base/decimal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A number with an optional fraction. Refuses the signs, exponents and hexadecimals that strtod(3)
 * accepts. */
static bool parse_number(const char **at, uint64_t *whole, double *part)
{
    double place = 1;
    *part = 0;
    if (!decimal_scan(at, whole))
        return false;
    if (**at != '.')
        return true;
    for ((*at)++; isdigit((unsigned char)**at); (*at)++)
        *part += (**at - '0') * (place /= 10);
    return (*at)[-1] != '.';
}

bool duration_parse(const char *text, int64_t *ns)
{
    int64_t total = 0;
    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return true;
    }
    const char *at = text;
    do {
        uint64_t whole;
        double part;
        if (!parse_number(&at, &whole, &part))
            return false;
        size_t length = strspn(at, "dhmsun");
        const struct unit *unit = unit_named(at, length);
        if (!unit || whole > (uint64_t)(longest / unit->ns))
            return false;
        total += (int64_t)whole * unit->ns + (int64_t)(part * (double)unit->ns + 0.5);
        if (total > longest)
            return false;
        at += length;
    } while (*at);
    *ns = total;
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

/* The second unit is left out where it no longer matters: from ten of the first one on. */
const char *duration_age_text(int64_t ns, char text[DURATION_TEXT_MAX])
{
    enum { LEAST = 3 }; /* seconds */
    size_t i = 0;
    while (i < LEAST && ns < units[i].ns)
        i++;
    int64_t count = ns > 0 ? ns / units[i].ns : 0;
    int64_t rest = i < LEAST ? ns % units[i].ns / units[i + 1].ns : 0;
    if (count < 10 && rest > 0)
        snprintf(text, DURATION_TEXT_MAX, "%" PRId64 "%s%" PRId64 "%s", count, units[i].name, rest,
                 units[i + 1].name);
    else
        snprintf(text, DURATION_TEXT_MAX, "%" PRId64 "%s", count, units[i].name);
    return text;
}
