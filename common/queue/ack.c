#include "queue/ack.h"

#include <inttypes.h>
#include <stdio.h>

natsStatus ack_send(struct connection *connection, const struct job *job, const char *body)
{
    return natsConnection_PublishString(connection_nats(connection), natsMsg_GetReply(job->message),
                                        body);
}

natsStatus ack_retry(struct connection *connection, const struct job *job, int64_t delay)
{
    char body[64];
    snprintf(body, sizeof body, "-NAK {\"delay\":%" PRId64 "}", delay > 0 ? delay : 1);
    return ack_send(connection, job, body);
}

struct request ack_request(const struct job *job, const char *body)
{
    struct request request = {.body = body};
    snprintf(request.subject, sizeof request.subject, "%s", natsMsg_GetReply(job->message));
    return request;
}

bool ack_confirmed(struct requester *requester, const struct job *job, const char *body)
{
    struct error ignored = {0};
    struct request request = ack_request(job, body);
    (void)requester_run(requester, &request, 1, connection_timeout(requester_connection(requester)),
                        &ignored);
    bool confirmed = request.answer != NULL;
    requests_clear(&request, 1);
    return confirmed;
}
