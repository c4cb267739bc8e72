#include "selection.h"

#include "base/decimal.h"
#include "base/subject.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* `text` is NULL where the letter does not say. */
typedef bool selector_match(const char *pattern, const char *text);

static bool is_covered(const char *filter, const char *subject)
{
    return subject && subject_covers(filter, subject);
}

static bool is_equal(const char *name, const char *text)
{
    return text && strcmp(name, text) == 0;
}

static bool matches_glob(const char *glob, const char *text)
{
    return fnmatch(glob, text ? text : "", 0) == 0;
}

static const char *filter_fault(const char *filter)
{
    const char *fault = subject_filter_fault(filter);
    return !fault && subject_has_inner_wildcard(filter) ? SUBJECT_INNER_WILDCARD : fault;
}

/* The selectors that compare a text of the letter. */
static const struct selector {
    const char *option;
    size_t pattern; /* offset in struct selection */
    size_t text;    /* offset in struct letter */
    selector_match *matches;
    const char *(*fault)(const char *pattern); /* why it cannot match; NULL: any may */
} selectors[] = {
    {"--subject", offsetof(struct selection, subject), offsetof(struct letter, subject), is_covered,
     filter_fault},
    {"--consumer", offsetof(struct selection, consumer), offsetof(struct letter, consumer),
     is_equal, subject_name_fault},
    {"--reason", offsetof(struct selection, reason), offsetof(struct letter, reason), matches_glob,
     NULL},
    {"--error", offsetof(struct selection, error), offsetof(struct letter, error), matches_glob,
     NULL},
};

enum { SELECTORS = sizeof selectors / sizeof selectors[0] };

static const char *text_at(const void *object, size_t offset)
{
    const char *text;
    memcpy(&text, (const char *)object + offset, sizeof text);
    return text;
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

int selection_check(const struct selection *selection, struct error *error)
{
    for (size_t i = 0; i < SELECTORS; i++) {
        const char *pattern = text_at(selection, selectors[i].pattern);
        const char *fault = pattern && selectors[i].fault ? selectors[i].fault(pattern) : NULL;
        if (fault)
            return error_set(error, EX_USAGE, "%s '%s' %s", selectors[i].option, pattern, fault);
    }
    return 0;
}

void selection_close(struct selection *selection)
{
    free(selection->ranges);
    selection->ranges = NULL;
    selection->n_ranges = 0;
}

static bool narrows(const struct selection *selection)
{
    for (size_t i = 0; i < SELECTORS; i++)
        if (text_at(selection, selectors[i].pattern))
            return true;
    return selection->n_ranges > 0 || selection->older_than > 0;
}

bool selection_is_empty(const struct selection *selection)
{
    return !selection->all && !narrows(selection);
}

bool selection_is_all(const struct selection *selection)
{
    return selection->all && !narrows(selection);
}

uint64_t selection_only(const struct selection *selection)
{
    const struct selection_range *range = selection->ranges;
    return selection->n_ranges == 1 && !range->unreadable && range->first == range->last
               ? range->first
               : 0;
}

static bool matches_ranges(const struct selection *selection, const struct letter *letter)
{
    bool unreadable = letter->subject == NULL;
    for (size_t i = 0; i < selection->n_ranges; i++) {
        const struct selection_range *range = &selection->ranges[i];
        if (range->unreadable == unreadable && letter->seq >= range->first &&
            letter->seq <= range->last)
            return true;
    }
    return selection->n_ranges == 0;
}

bool selection_matches(const struct selection *selection, const struct letter *letter, int64_t now)
{
    for (size_t i = 0; i < SELECTORS; i++) {
        const char *pattern = text_at(selection, selectors[i].pattern);
        if (pattern && !selectors[i].matches(pattern, text_at(letter, selectors[i].text)))
            return false;
    }
    return matches_ranges(selection, letter) &&
           (selection->older_than == 0 || letter->died_at < now - selection->older_than);
}
