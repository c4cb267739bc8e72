#include "removal.h"

#include <jansson.h>
#include <stdlib.h>

static char *question(const struct removal *item)
{
    json_t *body =
        json_pack("{s:s, s:I}", "filter", item->subject, "seq", (json_int_t)(item->seq + 1));
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

static void take_answer(struct removal *item, const struct request *request)
{
    if (!request->answer) {
        snprintf(item->why, sizeof item->why, "the purge of the letter was not answered");
        return;
    }
    json_t *answer = json_loadb(natsMsg_GetData(request->answer),
                                (size_t)natsMsg_GetDataLength(request->answer), 0, NULL);
    const char *words =
        json_string_value(json_object_get(json_object_get(answer, "error"), "description"));
    item->gone = json_is_true(json_object_get(answer, "success"));
    if (!item->gone)
        snprintf(item->why, sizeof item->why, "the letter cannot be purged: %s",
                 words ? words : "the server gives no reason");
    json_decref(answer);
}

int remove_letters(struct exchange *exchange, struct connection *connection, const char *stream,
                   struct removal *items, size_t n, struct error *error)
{
    _cleanup_(cleanup_free) struct request *requests = calloc(n + 1, sizeof *requests);
    _cleanup_(cleanup_free) char **bodies = calloc(n + 1, sizeof *bodies);
    int result = 0;
    if (!requests || !bodies)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < n; i++) {
        snprintf(requests[i].subject, sizeof requests[i].subject, "%s.STREAM.PURGE.%s",
                 connection_api(connection), stream);
        requests[i].body = bodies[i] = question(&items[i]);
        if (!bodies[i])
            result = error_set(error, EX_OSERR, "out of memory");
    }
    if (result == 0)
        result = exchange_run(exchange, requests, n, connection_timeout(connection), error);
    for (size_t i = 0; i < n; i++) {
        take_answer(&items[i], &requests[i]);
        free(bodies[i]);
    }
    requests_clear(requests, n);
    return result;
}
