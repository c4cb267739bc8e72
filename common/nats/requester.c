#include "nats/requester.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "nats/api_answer.h"
#include "nats/denials.h"
#include "nats/inbox.h"
#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A batch in flight at a stop has up to four more stages. If the server hangs, each must not take
 * the whole of --timeout. */
static const int64_t wait_in_stop_default = 2 * DURATION_S;

struct requester {
    struct connection *connection;
    struct inbox *inbox;
    uint64_t first_token; /* the first of the current batch; late answers to earlier batches have
                             lower ones */
    int64_t wait_in_stop; /* how long to wait for answers once a stop was requested */
};

int requester_open(struct requester **opened, struct connection *connection, struct error *error)
{
    _cleanup_(cleanup_requester) struct requester *requester = calloc(1, sizeof *requester);
    if (!requester)
        return error_set(error, EX_OSERR, "out of memory");
    requester->connection = connection;
    requester->wait_in_stop = wait_in_stop_default;
    if (inbox_open(&requester->inbox, connection, error) < 0)
        return -1;
    *opened = take(requester);
    return 0;
}

void requester_close(struct requester *requester)
{
    if (!requester)
        return;
    inbox_close(requester->inbox);
    free(requester);
}

struct connection *requester_connection(const struct requester *requester)
{
    return requester->connection;
}

void requester_abandon_on_stop(struct requester *requester)
{
    requester->wait_in_stop = 0;
}

static natsStatus send_one(natsConnection *nats, const struct request *request, const char *reply)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (!request->header[0])
        return natsConnection_PublishRequestString(nats, request->subject, reply, request->body);
    natsStatus s = natsMsg_Create(&message, request->subject, reply, request->body,
                                  request->body ? (int)strlen(request->body) : 0);
    if (s == NATS_OK)
        s = natsMsgHeader_Set(message, request->header[0], request->header[1]);
    return s == NATS_OK ? natsConnection_PublishMsg(nats, message) : s;
}

static natsStatus send_all(struct requester *requester, const struct request *requests, size_t n)
{
    char reply[INBOX_REPLY_MAX];
    for (size_t i = 0; i < n; i++) {
        natsStatus s = send_one(connection_nats(requester->connection), &requests[i],
                                inbox_reply(requester->inbox, requester->first_token + i, reply));
        if (s != NATS_OK)
            return s;
    }
    return NATS_OK;
}

static bool is_settled(const struct request *request)
{
    return request->answer || request->no_responders || request->denied;
}

/* Stores the answer if it is the first to a request of this batch; else destroys it. */
static bool store_answer(struct request *requests, size_t n, uint64_t index, natsMsg *answer)
{
    if (index >= n || is_settled(&requests[index])) {
        natsMsg_Destroy(answer);
        return false;
    }
    requests[index].no_responders = natsMsg_IsNoResponders(answer);
    if (requests[index].no_responders)
        natsMsg_Destroy(answer);
    else
        requests[index].answer = answer;
    return true;
}

/* Marks the requests that the server has denied, and counts them. */
static size_t take_denials(struct requester *requester, struct request *requests, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_settled(&requests[i]) &&
            connection_denies(requester->connection, requests[i].subject)) {
            requests[i].denied = true;
            found++;
        }
    return found;
}

/* 0, or -1 when no answer can arrive. */
static int receive(struct requester *requester, struct request *requests, size_t n, int64_t end,
                   struct error *error)
{
    if (inbox_check_permission(requester->inbox, error) < 0)
        return -1;
    bool is_stopping = false;
    for (size_t got = 0; got < n;) {
        natsMsg *answer;
        uint64_t token;
        int64_t now = clock_now();
        if (!is_stopping && stop_requested()) {
            is_stopping = true;
            end = now + requester->wait_in_stop < end ? now + requester->wait_in_stop : end;
        }
        int taken = inbox_take(requester->inbox, end > now ? end - now : 0, &answer, &token);
        if (taken == 0)
            got += store_answer(requests, n, token - requester->first_token, answer);
        else if (taken == 3 && inbox_check_permission(requester->inbox, error) < 0)
            return -1;
        else if (taken == 3)
            got += take_denials(requester, requests, n);
        else if (taken == 1)
            break;
    }
    return 0;
}

int requester_run(struct requester *requester, struct request *requests, size_t n, int64_t ns,
                  struct error *error)
{
    int64_t end = clock_now() + ns;
    natsStatus s = send_all(requester, requests, n);
    int result = s == NATS_OK ? receive(requester, requests, n, end, error)
                              : error_nats(error, s, "cannot send a request");
    requester->first_token += n;
    return result;
}

int requester_run_permitted(struct requester *requester, struct request *requests, size_t n,
                            struct error *error)
{
    if (requester_run(requester, requests, n, connection_timeout(requester->connection), error) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (requests[i].denied)
            return denials_error(error, "publish", requests[i].subject);
    return 0;
}

void requests_clear(struct request *requests, size_t n)
{
    for (size_t i = 0; i < n; i++)
        natsMsg_Destroy(take(requests[i].answer));
}

char *requester_json_body(json_t *body, struct error *error)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!text)
        error_set(error, EX_OSERR, "out of memory");
    return text;
}

json_t *requester_api(struct requester *requester, const char *operation, const char *body,
                      struct error *error)
{
    struct request request = {.body = body};
    snprintf(request.subject, sizeof request.subject, "%s.%s",
             connection_api(requester->connection), operation);
    if (requester_run_permitted(requester, &request, 1, error) < 0)
        return NULL;
    if (!request.answer) {
        error_set(error, EX_UNAVAILABLE, "%s: %s", operation,
                  request.no_responders
                      ? "no responders: JetStream is not enabled on this server or for this account"
                      : "no answer in time");
        return NULL;
    }
    json_t *answer = api_answer_parse(request.answer);
    requests_clear(&request, 1);
    if (!answer)
        error_set(error, EX_UNAVAILABLE, "%s: the answer is not JSON", operation);
    return answer;
}
