#include "thresholds.h"

#include "base/decimal.h"
#include "base/duration.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool is_duration;
    int64_t warning, critical; /* defaults */
} table[THRESHOLDS] = {
    [THRESHOLD_HELD] = {"held", false, 1, -1},
    [THRESHOLD_WAITING] = {"waiting", false, -1, -1},
    [THRESHOLD_PENDING] = {"pending", false, -1, -1},
    [THRESHOLD_AGE] = {"age", true, -1, -1},
    [THRESHOLD_QUIET] = {"quiet", true, 30 * DURATION_S, 10 * DURATION_MINUTE},
};

#define KNOWN "held=N, waiting=N, pending=N, age=D and quiet=D"

static int find(const char *name, size_t length)
{
    for (int i = 0; i < THRESHOLDS; i++)
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0)
            return i;
    return -1;
}

static bool parse_value(int which, const char *text, int64_t *value)
{
    uint64_t number;
    if (table[which].is_duration)
        return duration_parse(text, value);
    if (!decimal_parse(text, &number) || number > INT64_MAX)
        return false;
    *value = (int64_t)number;
    return true;
}

static int parse_item(const char *option, const char *item, int64_t values[THRESHOLDS],
                      bool given[THRESHOLDS], struct error *error)
{
    const char *equals = strchr(item, '=');
    int which = equals ? find(item, (size_t)(equals - item)) : -1;
    if (which < 0)
        return error_set(error, EX_USAGE, "%s takes " KNOWN ", separated by commas, not '%s'",
                         option, item);
    if (given[which])
        return error_set(error, EX_USAGE, "%s gives '%s' twice", option, table[which].name);
    given[which] = true;
    if (!parse_value(which, equals + 1, &values[which]))
        return error_set(error, EX_USAGE, "%s: '%s' takes %s, not '%s'", option, table[which].name,
                         table[which].is_duration ? "a duration such as 90s or 1h30m"
                                                  : "a whole number",
                         equals + 1);
    return 0;
}

static int parse_list(const char *option, const char *list, int64_t values[THRESHOLDS],
                      bool given[THRESHOLDS], struct error *error)
{
    char item[64];
    while (list) {
        size_t length = strcspn(list, ",");
        snprintf(item, sizeof item, "%.*s", (int)length, list);
        if (parse_item(option, item, values, given, error) < 0)
            return -1;
        list = list[length] ? list + length + 1 : NULL;
    }
    return 0;
}

/* A default gives way to a value on the command line. */
static int reconcile(struct thresholds *thresholds, int which, bool warning_given,
                     bool critical_given, struct error *error)
{
    int64_t *warning = &thresholds->warning[which], *critical = &thresholds->critical[which];
    if (*warning < 0 || *critical < 0 || *critical >= *warning)
        return 0;
    if (warning_given && critical_given)
        return error_set(error, EX_USAGE, "--critical %s is below --warn %s", table[which].name,
                         table[which].name);
    if (warning_given)
        *critical = *warning;
    else
        *warning = *critical;
    return 0;
}

int thresholds_parse(struct thresholds *thresholds, struct error *error)
{
    bool warning_given[THRESHOLDS] = {0}, critical_given[THRESHOLDS] = {0};
    for (int i = 0; i < THRESHOLDS; i++) {
        thresholds->warning[i] = table[i].warning;
        thresholds->critical[i] = table[i].critical;
    }
    if (parse_list("--warn", thresholds->given_warning, thresholds->warning, warning_given, error) <
            0 ||
        parse_list("--critical", thresholds->given_critical, thresholds->critical, critical_given,
                   error) < 0)
        return -1;
    for (int i = 0; i < THRESHOLDS; i++)
        if (reconcile(thresholds, i, warning_given[i], critical_given[i], error) < 0)
            return -1;
    return 0;
}

enum threshold_level threshold_level(const struct thresholds *thresholds, enum threshold which,
                                     int64_t value)
{
    int64_t warning = thresholds->warning[which], critical = thresholds->critical[which];
    if (critical >= 0 && value >= critical)
        return THRESHOLD_CRITICAL;
    return warning >= 0 && value >= warning ? THRESHOLD_WARNING : THRESHOLD_GOOD;
}
