#include "letters/letter_purge.h"

#include "dlq.h"
#include "nats/api_answer.h"
#include "nats/requester.h"
#include "queue/dlq_subjects.h"

#include <jansson.h>
#include <stdlib.h>

enum { MANY = 64 }; /* worth a look at every subject */

/* The caller frees it. A purge without a body would remove every letter. */
static char *purge_body(const char *filter, uint64_t last, struct error *error)
{
    return requester_json_body(
        json_pack("{s:s, s:I}", "filter", filter, "seq", (json_int_t)(last + 1)), error);
}

static void take_answer(struct letter_purge *item, const struct request *request)
{
    if (!request->answer) {
        snprintf(item->why, sizeof item->why, "the server did not answer the purge of the letter");
        return;
    }
    json_t *answer = api_answer_parse(request->answer);
    item->gone = json_is_true(json_object_get(answer, "success"));
    if (!item->gone)
        snprintf(item->why, sizeof item->why, "the letter cannot be purged: %s",
                 api_answer_reason(answer));
    json_decref(answer);
}

size_t letter_purger_batch(const struct letter_purger *purger)
{
    return purger->has_all ? LETTER_PURGE_MAX : READ_BATCH;
}

/* A request for each letter, or one request for all of them. */
static int send_purges(const struct dlq *dlq, const struct letter_purge *items, size_t n,
                       bool by_filter, struct request *requests, char **bodies, struct error *error)
{
    char held[DLQ_SUBJECT_MAX];
    size_t asked = by_filter ? 1 : n;
    dlq_subject(DLQ_HELD, dlq->options->origin, held);
    for (size_t i = 0; i < asked; i++) {
        const struct job *letter = &items[by_filter ? n - 1 : i].entry->message;
        snprintf(requests[i].subject, sizeof requests[i].subject, "%s.STREAM.PURGE.%s",
                 connection_api(dlq->connection), dlq->options->stream);
        requests[i].body = bodies[i] =
            purge_body(by_filter ? held : job_subject(letter), letter->delivery.seq, error);
        if (!bodies[i])
            return -1;
    }
    return requester_run_permitted(dlq->requester, requests, asked, error);
}

int letter_purger_run(struct letter_purger *purger, struct letter_purge *items, size_t n,
                      struct error *error)
{
    _cleanup_(cleanup_free) struct request *requests = calloc(n + 1, sizeof *requests);
    _cleanup_(cleanup_free) char **bodies = calloc(n + 1, sizeof *bodies);
    bool by_filter = purger->has_all && n >= MANY;
    if (!requests || !bodies)
        return error_set(error, EX_OSERR, "out of memory");
    int result = send_purges(purger->dlq, items, n, by_filter, requests, bodies, error);
    for (size_t i = 0; i < n; i++) {
        take_answer(&items[i], &requests[by_filter ? 0 : i]);
        purger->has_all = purger->has_all && items[i].gone;
        free(bodies[i]);
    }
    requests_clear(requests, n);
    return result;
}
