/* added_header: a header that the server adds to the answer of a direct get. It adds them at the
 * end: the message may have such headers itself (a republished job does). */
#ifndef NATSQ_ADDED_HEADER_H
#define NATSQ_ADDED_HEADER_H

#include <nats/nats.h>

/* Its value, which lives as long as the answer, or NULL. */
const char *added_header(natsMsg *answer, const char *name);

#endif
