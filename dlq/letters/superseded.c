#include "letters/superseded.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "dlq.h"
#include "nats/api_answer.h"
#include "nats/requester.h"
#include "queue/stored_messages.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE = 16 };

static bool add_subject(struct superseded *superseded, const char *subject)
{
    char **grown = array_grow(superseded->subjects, superseded->n, &superseded->room,
                              sizeof *superseded->subjects);
    if (!grown)
        return false;
    superseded->subjects = grown;
    grown[superseded->n] = strdup(subject);
    return grown[superseded->n] && ++superseded->n;
}

static int add_subjects(struct superseded *superseded, json_t *subjects, struct error *error)
{
    const char *subject;
    json_t *count;
    json_object_foreach(subjects, subject, count)
    {
        if (json_integer_value(count) > 1 && !add_subject(superseded, subject))
            return error_set(error, EX_OSERR, "out of memory");
    }
    return 0;
}

/* A page of the subjects, of which the server sends 100,000 at a time (2.12 to 2.15). 0: there are
 * more. 1: it was the last one. */
static int read_page(struct superseded *superseded, const struct dlq *dlq, const char *filter,
                     json_int_t *offset, struct error *error)
{
    struct request request = {0};
    _cleanup_(cleanup_free) char *body = requester_json_body(
        json_pack("{s:s, s:I}", "subjects_filter", filter, "offset", *offset), error);
    if (!body)
        return -1;
    snprintf(request.subject, sizeof request.subject, "%s.STREAM.INFO.%s",
             connection_api(dlq->connection), dlq->options->stream);
    request.body = body;
    if (requester_run_permitted(dlq->requester, &request, 1, error) < 0)
        return -1;
    _cleanup_(json_decrefp) json_t *answer =
        request.answer ? api_answer_parse(request.answer) : NULL;
    requests_clear(&request, 1);
    if (!json_object_get(answer, "state"))
        return error_set(error, EX_UNAVAILABLE, "the server did not list the subjects of %s",
                         dlq->options->stream);
    json_t *subjects = json_object_get(json_object_get(answer, "state"), "subjects");
    *offset += (json_int_t)json_object_size(subjects);
    if (add_subjects(superseded, subjects, error) < 0)
        return -1;
    bool is_last = json_object_size(subjects) == 0 ||
                   *offset >= json_integer_value(json_object_get(answer, "total"));
    return is_last ? 1 : 0;
}

/* Reads whole letters, so only a few at once. */
static int fetch_slice(struct superseded *superseded, size_t first, const struct dlq *dlq,
                       struct error *error)
{
    struct stored_message newest[SLICE];
    size_t n = superseded->n - first < SLICE ? superseded->n - first : SLICE;
    for (size_t i = 0; i < n; i++)
        newest[i] = (struct stored_message){.stream = dlq->options->stream,
                                            .last_of = superseded->subjects[first + i]};
    int result = stored_messages_fetch(dlq->requester, newest, n, error);
    for (size_t i = 0; i < n && result == 0; i++) {
        if (newest[i].result == STORED_UNKNOWN)
            result = error_set(error, EX_UNAVAILABLE,
                               "the server did not say which letter on %s is the newest",
                               newest[i].last_of);
        else if (newest[i].result == STORED_THERE)
            superseded->newest[first + i] = newest[i].job.delivery.seq;
    }
    stored_messages_clear(newest, n);
    return result;
}

static int fetch_newest(struct superseded *superseded, const struct dlq *dlq, struct error *error)
{
    superseded->newest = calloc(superseded->n + 1, sizeof *superseded->newest);
    if (!superseded->newest)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < superseded->n; i += SLICE)
        if (fetch_slice(superseded, i, dlq, error) < 0)
            return -1;
    return 0;
}

int superseded_read(struct superseded *superseded, const struct dlq *dlq, const json_t *info,
                    struct error *error)
{
    char filter[LETTER_SUBJECT_MAX];
    json_int_t offset = 0;
    int result = 0;
    if (stream_number(info, "state", "messages") <= stream_number(info, "state", "num_subjects"))
        return 0;
    letter_filter(SUBJECT_HELD, dlq->options->origin, NULL,
                  selection_only(&dlq->options->selection), filter);
    while (result == 0)
        result = read_page(superseded, dlq, filter, &offset, error);
    return result < 0 || superseded->n == 0 ? (result < 0 ? -1 : 0)
                                            : fetch_newest(superseded, dlq, error);
}

void superseded_release(struct superseded *superseded)
{
    for (size_t i = 0; i < superseded->n; i++)
        free(superseded->subjects[i]);
    free(superseded->subjects);
    free(superseded->newest);
    *superseded = (struct superseded){0};
}

bool superseded_has(const struct superseded *superseded, const struct job *letter)
{
    for (size_t i = 0; i < superseded->n; i++)
        if (strcmp(superseded->subjects[i], job_subject(letter)) == 0)
            return letter->delivery.seq < superseded->newest[i];
    return false;
}
