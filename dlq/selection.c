#include "selection.h"

#include "base/decimal.h"
#include "base/subject.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool is_in_ranges(const struct selection *selection, const struct letter *letter,
                         int64_t now)
{
    (void)now;
    bool unreadable = letter->subject == NULL;
    for (size_t i = 0; i < selection->n_ranges; i++) {
        const struct selection_range *range = &selection->ranges[i];
        if (range->unreadable == unreadable && letter->seq >= range->first &&
            letter->seq <= range->last)
            return true;
    }
    return false;
}

static bool has_subject(const struct selection *selection, const struct letter *letter, int64_t now)
{
    (void)now;
    return letter->subject && subject_covers(selection->subject, letter->subject);
}

static bool has_consumer(const struct selection *selection, const struct letter *letter,
                         int64_t now)
{
    (void)now;
    return letter->consumer && strcmp(selection->consumer, letter->consumer) == 0;
}

/* A letter without the text counts as one with an empty text. */
static bool matches_glob(const char *glob, const char *text)
{
    return fnmatch(glob, text ? text : "", 0) == 0;
}

static bool has_reason(const struct selection *selection, const struct letter *letter, int64_t now)
{
    (void)now;
    return matches_glob(selection->reason, letter->reason);
}

static bool has_error(const struct selection *selection, const struct letter *letter, int64_t now)
{
    (void)now;
    return matches_glob(selection->error, letter->error);
}

static bool is_older(const struct selection *selection, const struct letter *letter, int64_t now)
{
    return letter->died_at < now - selection->older_than;
}

static const char *filter_fault(const char *filter)
{
    const char *fault = subject_filter_fault(filter);
    return !fault && subject_has_inner_wildcard(filter) ? SUBJECT_INNER_WILDCARD : fault;
}

#define FIELD(field) offsetof(struct selection, field), sizeof((struct selection){0}.field)

static const struct selector selectors[] = {
    {"SEQ", FIELD(ranges), is_in_ranges, NULL},
    {"--subject", FIELD(subject), has_subject, filter_fault},
    {"--consumer", FIELD(consumer), has_consumer, subject_name_fault},
    {"--reason", FIELD(reason), has_reason, NULL},
    {"--error", FIELD(error), has_error, NULL},
    {"--older-than", FIELD(older_than), is_older, NULL},
};

enum { SELECTORS = sizeof selectors / sizeof selectors[0] };

const struct selector *selection_selectors(size_t *n)
{
    *n = SELECTORS;
    return selectors;
}

static bool is_given(const struct selection *selection, const struct selector *selector)
{
    const unsigned char *field = (const unsigned char *)selection + selector->field;
    for (size_t i = 0; i < selector->size; i++)
        if (field[i])
            return true;
    return false;
}

static bool parse_seq(const char **at, uint64_t *seq)
{
    return decimal_scan(at, seq) && *seq > 0;
}

static bool parse_range(const char *argument, struct selection_range *range)
{
    range->unreadable = *argument == '_';
    const char *at = argument + range->unreadable;
    if (!parse_seq(&at, &range->first))
        return false;
    range->last = range->first;
    if (*at == '-' && (at++, !parse_seq(&at, &range->last)))
        return false;
    return *at == '\0' && range->first <= range->last;
}

bool selection_is_range(const char *argument)
{
    struct selection_range range;
    return parse_range(argument, &range);
}

int selection_add(struct selection *selection, const char *argument, struct error *error)
{
    struct selection_range range;
    if (!parse_range(argument, &range))
        return error_set(error, EX_USAGE,
                         "'%s' is neither SEQ nor SEQ-SEQ, such as 12 or 12-40 (_7 for an "
                         "unreadable letter)",
                         argument);
    struct selection_range *grown =
        reallocarray(selection->ranges, selection->n_ranges + 1, sizeof *grown);
    if (!grown)
        return error_set(error, EX_OSERR, "out of memory");
    selection->ranges = grown;
    grown[selection->n_ranges++] = range;
    return 0;
}

/* Only selectors whose field is a text have faults. */
static const char *text_of(const struct selection *selection, const struct selector *selector)
{
    const char *text;
    memcpy(&text, (const char *)selection + selector->field, sizeof text);
    return text;
}

int selection_check(const struct selection *selection, struct error *error)
{
    for (const struct selector *each = selectors; each < selectors + SELECTORS; each++) {
        if (!each->fault || !is_given(selection, each))
            continue;
        const char *text = text_of(selection, each), *fault = each->fault(text);
        if (fault)
            return error_set(error, EX_USAGE, "%s '%s' %s", each->option, text, fault);
    }
    return 0;
}

void selection_close(struct selection *selection)
{
    free(selection->ranges);
    selection->ranges = NULL;
    selection->n_ranges = 0;
}

static bool any_is_given(const struct selection *selection)
{
    for (size_t i = 0; i < SELECTORS; i++)
        if (is_given(selection, &selectors[i]))
            return true;
    return false;
}

bool selection_is_empty(const struct selection *selection)
{
    return !selection->all && !any_is_given(selection);
}

bool selection_is_all(const struct selection *selection)
{
    return selection->all && !any_is_given(selection);
}

uint64_t selection_only(const struct selection *selection)
{
    const struct selection_range *range = selection->ranges;
    return selection->n_ranges == 1 && !range->unreadable && range->first == range->last
               ? range->first
               : 0;
}

bool selection_matches(const struct selection *selection, const struct letter *letter, int64_t now)
{
    for (size_t i = 0; i < SELECTORS; i++)
        if (is_given(selection, &selectors[i]) && !selectors[i].matches(selection, letter, now))
            return false;
    return true;
}
