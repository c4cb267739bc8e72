/* route: whether a stream has a job's own subject, asked once a stream. Looked up before it is
 * sent, because later "nobody listens" may be an election. */
#ifndef NATSQ_ROUTE_H
#define NATSQ_ROUTE_H

#include "connection.h"

struct route {
    struct connection *connection;
    char **filters; /* the subjects of the streams that were found */
    size_t n;
};

/* False when the server says that no stream has it; true also when it does not answer. */
bool route_leads(struct route *route, const char *subject);

void route_release(struct route *route);

#endif
