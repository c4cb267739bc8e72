#include "selectors.h"

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/subject.h"
#include "nats/header_iterator.h"

#include <string.h>
#include <strings.h>

bool selector_in_range(const struct selection_range *range, const struct letter *letter)
{
    bool unreadable = letter->subject == NULL;
    return range->unreadable == unreadable && letter->seq >= range->first &&
           letter->seq <= range->last;
}

static bool is_in_ranges(const struct selection *selection, const struct selectable *item,
                         int64_t now)
{
    (void)now;
    for (size_t i = 0; i < selection->n_ranges; i++)
        if (selector_in_range(&selection->ranges[i], item->letter))
            return true;
    return false;
}

static bool has_subject(const struct selection *selection, const struct selectable *item,
                        int64_t now)
{
    (void)now;
    return item->letter->subject && subject_covers(selection->subject, item->letter->subject);
}

static bool has_consumer(const struct selection *selection, const struct selectable *item,
                         int64_t now)
{
    (void)now;
    return item->letter->consumer && strcmp(selection->consumer, item->letter->consumer) == 0;
}

/* A letter without the text counts as one with an empty text. */
static bool matches_glob(const char *glob, const char *text)
{
    return glob_matches(glob, text ? text : "", text ? strlen(text) : 0);
}

static bool has_reason(const struct selection *selection, const struct selectable *item,
                       int64_t now)
{
    (void)now;
    return matches_glob(selection->reason, item->letter->reason);
}

static bool has_error(const struct selection *selection, const struct selectable *item, int64_t now)
{
    (void)now;
    return matches_glob(selection->error, item->letter->error);
}

static bool has_job_id(const struct selection *selection, const struct selectable *item,
                       int64_t now)
{
    (void)now;
    return matches_glob(selection->job_id, item->letter->job_id);
}

static bool has_body(const struct selection *selection, const struct selectable *item, int64_t now)
{
    (void)now;
    if (!item->body) /* gone with the original */
        return false;
    size_t length;
    const char *bytes = job_body(item->body, &length);
    return glob_matches(selection->body, bytes ? bytes : "", length);
}

/* Whether the header has this name, also as a letter keeps it (Natsq-Was-<name>). */
static bool is_named(const char *header, const char *name, size_t length)
{
    size_t prefix = strlen(LETTER_WAS);
    if (strncasecmp(header, LETTER_WAS, prefix) == 0 && strlen(header + prefix) == length &&
        strncasecmp(header + prefix, name, length) == 0)
        return true;
    return strlen(header) == length && strncasecmp(header, name, length) == 0;
}

/* `wanted`: "NAME: GLOB". A header with several values needs one that matches. */
static bool has_header(const char *wanted, const struct job *message)
{
    size_t length = strcspn(wanted, ":");
    const char *glob = wanted + length + 1;
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message->message};
    glob += strspn(glob, " ");
    while (header_iterator_next(&header))
        if (is_named(header.name, wanted, length) && matches_glob(glob, header.value))
            return true;
    return false;
}

static bool has_headers(const struct selection *selection, const struct selectable *item,
                        int64_t now)
{
    (void)now;
    for (size_t i = 0; i < selection->headers.n; i++)
        if (!has_header(selection->headers.text[i], item->message))
            return false;
    return true;
}

static bool has_state(const struct selection *selection, const struct selectable *item, int64_t now)
{
    (void)now;
    return letter_states_parse(selection->state) & 1u << item->state;
}

static bool is_older(const struct selection *selection, const struct selectable *item, int64_t now)
{
    return item->letter->died_at < now - selection->older_than;
}

static bool is_newer(const struct selection *selection, const struct selectable *item, int64_t now)
{
    return item->letter->died_at >= now - selection->newer_than;
}

static const char *state_fault(const char *list)
{
    return letter_states_parse(list)
               ? NULL
               : "is not one of announced, waiting and held, or a list such as waiting,held";
}

static const char *filter_fault(const char *filter)
{
    const char *fault = subject_filter_fault(filter);
    return !fault && subject_has_inner_wildcard(filter) ? SUBJECT_INNER_WILDCARD : fault;
}

#define FIELD(field) offsetof(struct selection, field), sizeof((struct selection){0}.field)

const struct selector selectors[] = {
    {"SEQ", FIELD(ranges), is_in_ranges, NULL},
    {"--subject", FIELD(subject), has_subject, filter_fault},
    {"--consumer", FIELD(consumer), has_consumer, subject_name_fault},
    {"--reason", FIELD(reason), has_reason, NULL},
    {"--error", FIELD(error), has_error, NULL},
    {"--job-id", FIELD(job_id), has_job_id, NULL},
    {"--body", FIELD(body), has_body, NULL},
    {"--header", FIELD(headers), has_headers, NULL},
    {"--state", FIELD(state), has_state, state_fault},
    {"--older-than", FIELD(older_than), is_older, NULL},
    {"--newer-than", FIELD(newer_than), is_newer, NULL},
};

const size_t selectors_n = sizeof selectors / sizeof selectors[0];
