#include "queue/ack.h"

#include <inttypes.h>
#include <stdio.h>

static natsStatus tell(struct connection *connection, const struct job *job, const char *what)
{
    return natsConnection_PublishString(connection_nats(connection), natsMsg_GetReply(job->message),
                                        what);
}

natsStatus ack_done(struct connection *connection, const struct job *job)
{
    return tell(connection, job, "+ACK");
}

natsStatus ack_retry(struct connection *connection, const struct job *job, int64_t delay)
{
    char what[64];
    snprintf(what, sizeof what, "-NAK {\"delay\":%" PRId64 "}", delay > 0 ? delay : 1);
    return tell(connection, job, what);
}

natsStatus ack_progress(struct connection *connection, const struct job *job)
{
    return tell(connection, job, "+WPI");
}

struct request ack_request(const struct job *job, const char *what)
{
    struct request request = {.body = what};
    snprintf(request.subject, sizeof request.subject, "%s", natsMsg_GetReply(job->message));
    return request;
}

bool ack_confirmed(struct requester *requester, struct connection *connection,
                   const struct job *job, const char *what)
{
    struct error ignored = {0};
    struct request request = ack_request(job, what);
    requester_run(requester, &request, 1, connection_timeout(connection), &ignored);
    bool confirmed = request.answer != NULL;
    requests_clear(&request, 1);
    return confirmed;
}
