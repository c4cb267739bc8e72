#include "cli/option_value.h"

#include "base/cleanup.h"
#include "base/decimal.h"
#include "base/duration.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int out_of_memory(struct error *error)
{
    return error_set(error, EX_OSERR, "out of memory");
}

static int parse_number(const struct option_row *row, const char *from, const char *text,
                        int64_t *value, struct error *error)
{
    bool is_negative = text[0] == '-';
    uint64_t digits = 0;
    bool is_number = decimal_parse(text + is_negative, &digits) && digits <= INT64_MAX;
    int64_t number = is_number ? (int64_t)digits : 0;
    if (is_negative)
        number = -number;
    if (!is_number || number < row->min || number > row->max)
        return error_set(error, EX_USAGE,
                         "%s takes a whole number from %" PRId64 " to %" PRId64 ", not '%s'", from,
                         row->min, row->max, text);
    *value = number;
    return 0;
}

static int parse_duration(const struct option_row *row, const char *from, const char *text,
                          int64_t *value, struct error *error)
{
    if (!duration_parse(text, value))
        return error_set(error, EX_USAGE,
                         "%s takes a duration such as 250ms, 5s, 2m or 1h30m, not '%s'", from,
                         text);
    char least[DURATION_TEXT_MAX];
    if (*value < row->min && row->min > 1)
        return error_set(error, EX_USAGE, "%s must be at least %s, not '%s'", from,
                         duration_format(row->min, least), text);
    if (*value < row->min)
        return error_set(error, EX_USAGE, "%s must be longer than 0", from);
    return 0;
}

static int parse_durations(const struct option_row *row, const char *from, const char *text,
                           struct option_durations *list, struct error *error)
{
    _cleanup_(cleanup_free) char *copy = strdup(text);
    char *rest = copy;
    if (!copy)
        return out_of_memory(error);
    list->n = 0;
    for (char *item; (item = strsep(&rest, ","));) {
        if (list->n == OPTION_DURATIONS_MAX)
            return error_set(error, EX_USAGE, "%s takes at most %d durations", from,
                             OPTION_DURATIONS_MAX);
        if (parse_duration(row, from, item, &list->ns[list->n++], error) < 0)
            return -1;
    }
    return 0;
}

/* Refuses what strtod(3) accepts but would be a typing error here: signs, blanks, exponents,
 * hexadecimals. */
static bool parse_decimal(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end > text && !*end && text[strspn(text, "0123456789.")] == '\0';
}

static int parse_fraction(const char *from, const char *text, double *value, struct error *error)
{
    if (!parse_decimal(text, value) || *value > 1)
        return error_set(error, EX_USAGE, "%s takes a number from 0 to 1, not '%s'", from, text);
    return 0;
}

/* From one in 28 hours to one per nanosecond. */
static const double rate_least = 0.00001, rate_most = 1000000000;
#define RATE_RANGE "0.00001 to 1000000000"

static int parse_rate(const char *from, const char *text, double *value, struct error *error)
{
    if (!parse_decimal(text, value) || !(*value >= rate_least && *value <= rate_most))
        return error_set(error, EX_USAGE,
                         "%s takes a number per second from " RATE_RANGE ", not '%s'", from, text);
    return 0;
}

static int parse_choice(const struct option_row *row, const char *from, const char *text,
                        int *value, struct error *error)
{
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) != 0)
            continue;
        *value = i;
        return 0;
    }
    return error_set(error, EX_USAGE, "%s takes %s, not '%s'", from, row->value_name, text);
}

static int parse_text(const char *from, const char *text, const char **value, struct error *error)
{
    if (!*text)
        return error_set(error, EX_USAGE, "%s must not be empty", from);
    *value = text;
    return 0;
}

static int parse_texts(const char *from, const char *text, struct option_texts *texts,
                       struct error *error)
{
    const char **grown = reallocarray(texts->text, texts->n + 1, sizeof *grown);
    if (!grown)
        return out_of_memory(error);
    texts->text = grown;
    return parse_text(from, text, &texts->text[texts->n++], error);
}

static int parse_secret(const char *from, const char *text, const char **value, struct error *error)
{
    if (parse_text(from, text, value, error) < 0)
        return -1;
    *value = strdup(text);
    return *value ? 0 : out_of_memory(error);
}

int option_value_parse(const struct option_row *row, const char *from, const char *text, void *to,
                       struct error *error)
{
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)to = true;
        return 0;
    case OPTION_TEXT:
        return parse_text(from, text, to, error);
    case OPTION_TEXTS:
        return parse_texts(from, text, to, error);
    case OPTION_SECRET:
        return parse_secret(from, text, to, error);
    case OPTION_NUMBER:
        return parse_number(row, from, text, to, error);
    case OPTION_DURATION:
        return parse_duration(row, from, text, to, error);
    case OPTION_DURATIONS:
        return parse_durations(row, from, text, to, error);
    case OPTION_FRACTION:
        return parse_fraction(from, text, to, error);
    case OPTION_RATE:
        return parse_rate(from, text, to, error);
    case OPTION_CHOICE:
        return parse_choice(row, from, text, to, error);
    }
    return error_set(error, EX_SOFTWARE, "%s has an unknown kind", from);
}
