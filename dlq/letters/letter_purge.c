#include "letters/letter_purge.h"

#include "dlq.h"
#include "letter/letter.h"
#include "letters/letter_reader.h"
#include "nats/api_answer.h"

#include <jansson.h>
#include <stdlib.h>

enum { MANY = 64 }; /* worth a look at every subject */

static char *question(const char *filter, uint64_t seq)
{
    json_t *body = json_pack("{s:s, s:I}", "filter", filter, "seq", (json_int_t)(seq + 1));
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

static void take_answer(struct letter_purge *item, const struct request *request)
{
    if (!request->answer) {
        snprintf(item->why, sizeof item->why, "the purge of the letter was not answered");
        return;
    }
    json_t *answer = api_answer_parse(request->answer);
    item->gone = json_is_true(json_object_get(answer, "success"));
    if (!item->gone)
        snprintf(item->why, sizeof item->why, "the letter cannot be purged: %s",
                 api_answer_reason(answer));
    json_decref(answer);
}

static void address(struct request *request, const struct dlq *dlq)
{
    snprintf(request->subject, sizeof request->subject, "%s.STREAM.PURGE.%s",
             connection_api(dlq->connection), dlq->options->stream);
}

static int remove_each(struct letter_purger *purger, struct letter_purge *items, size_t n,
                       struct error *error)
{
    _cleanup_(cleanup_free) struct request *requests = calloc(n + 1, sizeof *requests);
    _cleanup_(cleanup_free) char **bodies = calloc(n + 1, sizeof *bodies);
    int result = 0;
    if (!requests || !bodies)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < n; i++) {
        address(&requests[i], purger->dlq);
        requests[i].body = bodies[i] = question(items[i].subject, items[i].seq);
        if (!bodies[i])
            result = error_set(error, EX_OSERR, "out of memory");
    }
    if (result == 0)
        result = requester_ask(purger->requester, requests, n,
                               connection_timeout(purger->dlq->connection), error);
    for (size_t i = 0; i < n; i++) {
        take_answer(&items[i], &requests[i]);
        free(bodies[i]);
    }
    requests_clear(requests, n);
    return result;
}

static int remove_up_to_last(struct letter_purger *purger, struct letter_purge *items, size_t n,
                             struct error *error)
{
    char filter[DLQ_SUBJECT_MAX];
    dlq_subject(DLQ_HELD, purger->dlq->options->origin, filter);
    _cleanup_(cleanup_free) char *body = question(filter, items[n - 1].seq);
    struct request request = {.body = body};
    if (!body)
        return error_set(error, EX_OSERR, "out of memory");
    address(&request, purger->dlq);
    int result = requester_ask(purger->requester, &request, 1,
                               connection_timeout(purger->dlq->connection), error);
    for (size_t i = 0; i < n; i++)
        take_answer(&items[i], &request);
    requests_clear(&request, 1);
    return result;
}

void letter_purger_begin(struct letter_purger *purger, struct dlq *dlq, struct requester *requester)
{
    *purger = (struct letter_purger){
        .dlq = dlq, .requester = requester, .has_all = selection_is_all(&dlq->options->selection)};
}

size_t letter_purger_batch(const struct letter_purger *purger)
{
    return purger->has_all ? LETTER_PURGE_MAX : READ_BATCH;
}

int letter_purger_run(struct letter_purger *purger, struct letter_purge *items, size_t n,
                      struct error *error)
{
    int result = purger->has_all && n >= MANY ? remove_up_to_last(purger, items, n, error)
                                              : remove_each(purger, items, n, error);
    for (size_t i = 0; i < n; i++)
        purger->has_all = purger->has_all && items[i].gone;
    return result;
}
