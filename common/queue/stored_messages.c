#include "queue/stored_messages.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* The caller frees it; NULL when out of memory. */
static char *ask_for(const struct stored_message *item)
{
    char *body = NULL;
    if (!item->last_of)
        return asprintf(&body, "{\"seq\":%" PRIu64 "}", item->seq) < 0 ? NULL : body;
    json_t *ask = json_pack("{s:s}", "last_by_subj", item->last_of);
    body = json_dumps(ask, JSON_COMPACT);
    json_decref(ask);
    return body;
}

static void take_answer(struct stored_message *item, const struct request *request)
{
    struct error ignored = {0};
    item->result = STORED_UNKNOWN;
    if (!request->answer)
        return;
    item->bytes = (size_t)natsMsg_GetDataLength(request->answer);
    int read = job_from_stored(&item->job, request->answer, &ignored);
    if (read >= 0)
        item->result = read == 0 ? STORED_THERE : STORED_GONE;
}

/* Returns the number of requests, or -1 when out of memory. */
static int ask_all(const char *api, const struct stored_message *items, size_t n,
                   struct request *requests, char **bodies)
{
    int asked = 0;
    for (size_t i = 0; i < n; i++) {
        if (!items[i].stream)
            continue;
        snprintf(requests[asked].subject, sizeof requests[asked].subject, "%s.STREAM.MSG.GET.%s",
                 api, items[i].stream);
        requests[asked].body = bodies[asked] = ask_for(&items[i]);
        if (!bodies[asked++])
            return -1;
    }
    return asked;
}

int stored_messages_fetch(struct requester *requester, struct stored_message *items, size_t n,
                          struct error *error)
{
    _cleanup_(cleanup_free) struct request *requests = calloc(n + 1, sizeof *requests);
    _cleanup_(cleanup_free) char **bodies = calloc(n + 1, sizeof *bodies);
    const char *api = connection_api(requester_connection(requester));
    int asked = requests && bodies ? ask_all(api, items, n, requests, bodies) : -1, result = 0;
    if (asked < 0)
        result = error_set(error, EX_OSERR, "out of memory");
    else if (asked > 0)
        result = requester_run_permitted(requester, requests, (size_t)asked, error);
    for (size_t i = 0, k = 0; i < n; i++)
        if (items[i].stream)
            take_answer(&items[i], requests ? &requests[k++] : &(struct request){0});
    requests_clear(requests, requests ? n : 0);
    for (size_t i = 0; bodies && i < n; i++)
        free(bodies[i]);
    return result;
}

size_t stored_messages_bytes(const struct stored_message *items, size_t n)
{
    static const size_t usual_limit = 1 << 20; /* nats-server's max_payload, by default */
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        if (items[i].stream)
            bytes += items[i].result == STORED_UNKNOWN ? usual_limit : items[i].bytes;
    return bytes;
}

void stored_messages_clear(struct stored_message *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        job_clear(&items[i].job);
}
