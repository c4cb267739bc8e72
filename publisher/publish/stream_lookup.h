/* route: whether a stream has a job's subject, and is fit for jobs (settings.h), asked once a
 * stream. Looked up before it is sent, because later "nobody listens" may be an election. Who may
 * only publish cannot ask, and publishes all the same. */
#ifndef NATSQ_ROUTE_H
#define NATSQ_ROUTE_H

#include "nats/connection.h"

struct route {
    struct connection *connection;
    char **filters; /* the subjects of the streams that were found */
    size_t n;
    bool is_blind; /* we may not ask */
};

/* The subject of all jobs, before the first. 0, also when we may not ask; 1 when a stop was
 * requested meanwhile; -1 (69) when no stream has it, (78) when the stream has a setting that is
 * refused. With `wait` one is waited for. */
int route_look_up(struct route *route, const char *subject, bool wait, struct error *error);

/* False when the server says that no stream has it; true also when it does not answer, or we may
 * not ask. A stream with a setting that is refused ends the program (stop_because). */
bool route_leads(struct route *route, const char *subject);

void route_release(struct route *route);

#endif
