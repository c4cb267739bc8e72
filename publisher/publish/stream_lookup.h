/* stream_lookup: whether a stream stores what is published to a job's subject. It is looked up
 * before the job is sent: later, "no responders" may also mean an election. Each stream is looked
 * up once, and its settings are checked (settings.h). For a user that may only publish, this is
 * skipped. */
#ifndef NATSQ_STREAM_LOOKUP_H
#define NATSQ_STREAM_LOOKUP_H

#include "base/error.h"

#include <stdbool.h>

struct connection;
struct json_t;

struct stream_lookup {
    struct connection *connection;
    struct json_t *filters; /* the subjects of the streams found so far */
    bool is_denied;         /* we may not look streams up */
};

/* For the subject of all jobs, before the first is sent. 0: a stream has it, or we may not look it
 * up. 1: a stop was requested meanwhile. -1: no stream has it (69), or the stream has a setting
 * that is refused (78). With `wait` it waits for such a stream. */
int stream_lookup_require(struct stream_lookup *lookup, const char *subject, bool wait,
                          struct error *error);

/* False: the server answered that no stream has the subject. A stream with a setting that is
 * refused ends the program (stop_because). */
bool stream_lookup_has(struct stream_lookup *lookup, const char *subject);

void stream_lookup_release(struct stream_lookup *lookup);

#endif
