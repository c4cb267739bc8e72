#include "selection.h"

#include "base/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const char *header_fault(const char *text)
{
    size_t length = strcspn(text, ": ");
    return length > 0 && text[length] == ':' ? NULL
                                             : "is not 'NAME: GLOB', such as 'Tenant: acme*'";
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
    for (const struct selector *each = selectors; each < selectors + selectors_n; each++) {
        if (!each->fault || !is_given(selection, each))
            continue;
        const char *text = text_of(selection, each), *fault = each->fault(text);
        if (fault)
            return error_set(error, EX_USAGE, "%s '%s' %s", each->option, text, fault);
    }
    for (size_t i = 0; i < selection->headers.n; i++)
        if (header_fault(selection->headers.text[i]))
            return error_set(error, EX_USAGE, "--header '%s' %s", selection->headers.text[i],
                             header_fault(selection->headers.text[i]));
    return 0;
}

void selection_close(struct selection *selection)
{
    free(selection->ranges);
    selection->ranges = NULL;
    selection->n_ranges = 0;
    free(selection->headers.text);
    selection->headers = (struct option_texts){0};
}

static bool any_is_given(const struct selection *selection)
{
    for (size_t i = 0; i < selectors_n; i++)
        if (is_given(selection, &selectors[i]))
            return true;
    return false;
}

bool selection_is_empty(const struct selection *selection)
{
    return !selection->all && selection->limit == 0 && !any_is_given(selection);
}

bool selection_is_all(const struct selection *selection)
{
    return !any_is_given(selection) && !selection_is_empty(selection);
}

bool selection_is_one(const struct selection *selection)
{
    struct selection others = *selection;
    const struct selection_range *range = selection->ranges;
    others.n_ranges = 0;
    others.ranges = NULL;
    others.consumer = NULL;
    return selection->n_ranges == 1 && range->first == range->last && !selection->limit &&
           selection_is_empty(&others);
}

bool selection_covers_seq(const struct selection *selection, uint64_t seq)
{
    for (size_t i = 0; i < selection->n_ranges; i++) {
        const struct selection_range *range = &selection->ranges[i];
        if (!range->unreadable && seq >= range->first && seq <= range->last)
            return true;
    }
    return selection->n_ranges == 0;
}

uint64_t selection_only(const struct selection *selection)
{
    const struct selection_range *range = selection->ranges;
    return selection->n_ranges == 1 && !range->unreadable && range->first == range->last
               ? range->first
               : 0;
}

unsigned selection_states(const struct selection *selection)
{
    return selection->state ? letter_states_parse(selection->state) : (1u << LETTER_STATES) - 1;
}

bool selection_matches(const struct selection *selection, const struct selectable *item,
                       int64_t now)
{
    for (size_t i = 0; i < selectors_n; i++)
        if (is_given(selection, &selectors[i]) && !selectors[i].matches(selection, item, now))
            return false;
    return true;
}

void selection_note(const struct selection *selection, const struct letter *letter, bool *found)
{
    for (size_t i = 0; i < selection->n_ranges; i++)
        found[i] = found[i] || selector_in_range(&selection->ranges[i], letter);
}

size_t selection_missing(const struct selection *selection, const bool *found, char *text,
                         size_t size)
{
    enum { NAMED_MOST = 10 };
    size_t missing = 0, used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < selection->n_ranges; i++) {
        const struct selection_range *range = &selection->ranges[i];
        if (found[i] || range->first != range->last || ++missing > NAMED_MOST || used >= size)
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s# %s%" PRIu64, used ? ", " : "",
                                 range->unreadable ? "_" : "", range->first);
    }
    if (missing > NAMED_MOST && used < size)
        snprintf(text + used, size - used, " and %zu more", missing - NAMED_MOST);
    return missing;
}
