#include "selection.h"

#include "base/decimal.h"
#include "base/subject.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool parse_seq(const char **at, uint64_t *seq)
{
    return decimal_scan(at, seq) && *seq > 0;
}

static bool parse_range(const char *word, struct selection_range *range)
{
    range->unreadable = *word == '_';
    const char *at = word + range->unreadable;
    if (!parse_seq(&at, &range->first))
        return false;
    range->last = range->first;
    if (*at == '-' && (at++, !parse_seq(&at, &range->last)))
        return false;
    return *at == '\0' && range->first <= range->last;
}

bool selection_is_range(const char *word)
{
    struct selection_range range;
    return parse_range(word, &range);
}

int selection_add(struct selection *selection, const char *word, struct error *error)
{
    struct selection_range range;
    if (!parse_range(word, &range))
        return error_set(error, EX_USAGE,
                         "'%s' is no SEQ and no SEQ-SEQ, such as 12 or 12-40 (_7 for a letter that "
                         "cannot be read)",
                         word);
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
    const char *fault = selection->subject ? subject_filter_fault(selection->subject) : NULL;
    if (!fault && selection->subject && subject_has_inner_wildcard(selection->subject))
        fault = SUBJECT_INNER_WILDCARD;
    if (fault)
        return error_set(error, EX_USAGE, "--subject '%s' %s", selection->subject, fault);
    fault = selection->consumer ? subject_name_fault(selection->consumer) : NULL;
    if (fault)
        return error_set(error, EX_USAGE, "--consumer '%s' %s", selection->consumer, fault);
    return 0;
}

void selection_close(struct selection *selection)
{
    free(selection->ranges);
    selection->ranges = NULL;
    selection->n_ranges = 0;
}

bool selection_is_empty(const struct selection *selection)
{
    return !selection->all && selection->n_ranges == 0 && !selection->subject &&
           !selection->consumer && !selection->reason && !selection->error &&
           selection->older_than == 0;
}

bool selection_is_all(const struct selection *selection)
{
    struct selection rest = *selection;
    rest.all = false;
    return selection->all && selection_is_empty(&rest);
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

static bool matches_glob(const char *glob, const char *text)
{
    return !glob || fnmatch(glob, text ? text : "", 0) == 0;
}

bool selection_matches(const struct selection *selection, const struct letter *letter, int64_t now)
{
    if (selection->subject &&
        (!letter->subject || !subject_covers(selection->subject, letter->subject)))
        return false;
    if (selection->consumer &&
        (!letter->consumer || strcmp(selection->consumer, letter->consumer) != 0))
        return false;
    return matches_ranges(selection, letter) && matches_glob(selection->reason, letter->reason) &&
           matches_glob(selection->error, letter->error) &&
           (selection->older_than == 0 || letter->died_at < now - selection->older_than);
}
