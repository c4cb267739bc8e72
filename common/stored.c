#include "stored.h"

#include "duration.h"

#include <inttypes.h>
#include <stdlib.h>

struct ask {
    char body[64];
};

static void take_answer(struct stored *item, const struct request *request)
{
    struct error ignored = {0};
    item->result = STORED_UNKNOWN;
    if (!request->answer)
        return;
    int read = job_from_stored(&item->job, request->answer, &ignored);
    if (read >= 0)
        item->result = read == 0 ? STORED_THERE : STORED_GONE;
}

int stored_fetch(struct exchange *exchange, struct connection *connection, struct stored *items,
                 size_t n, struct error *error)
{
    _cleanup_(cleanup_free) struct request *requests = calloc(n, sizeof *requests);
    _cleanup_(cleanup_free) struct ask *asks = calloc(n, sizeof *asks);
    if (n == 0)
        return 0;
    if (!requests || !asks)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < n; i++) {
        snprintf(requests[i].subject, sizeof requests[i].subject, "%s.STREAM.MSG.GET.%s",
                 connection_api(connection), items[i].stream);
        snprintf(asks[i].body, sizeof asks[i].body, "{\"seq\":%" PRIu64 "}", items[i].seq);
        requests[i].body = asks[i].body;
    }
    int result = exchange_run(exchange, requests, n, connection_timeout(connection), error);
    for (size_t i = 0; i < n; i++)
        take_answer(&items[i], &requests[i]);
    requests_clear(requests, n);
    return result;
}

void stored_clear(struct stored *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        job_clear(&items[i].job);
}
