/* requester: sends a batch of requests and collects their answers, in one round trip for all. Used
 * by one thread at a time. */
#ifndef NATSQ_REQUESTER_H
#define NATSQ_REQUESTER_H

#include "nats/connection.h"

enum { REQUEST_SUBJECT_MAX = 640 };

/* The caller fills in subject and body and owns the answer, which stays NULL when none arrived in
 * time, there are no responders, or we may not publish to the subject (`denied`). */
struct request {
    char subject[REQUEST_SUBJECT_MAX];
    const char *body;      /* borrowed; NULL: none */
    const char *header[2]; /* borrowed: the name and value of one; NULL: none */
    natsMsg *answer;
    bool no_responders, denied;
};

struct requester;

int requester_open(struct requester **opened, struct connection *connection, struct error *error);
void requester_close(struct requester *requester);
struct connection *requester_connection(const struct requester *requester);

/* From here on, a requested stop ends the wait for answers immediately, not within 2 s: for
 * requests whose answers a stopping program does not need. */
void requester_abandon_on_stop(struct requester *requester);

/* Sends all requests and waits up to `ns` for the answers, or less after a stop was requested. -1
 * only when sending failed or the server denies the subscription to answers (77). */
int requester_run(struct requester *requester, struct request *requests, size_t n, int64_t ns,
                  struct error *error);

/* The same for --timeout; also -1 (77) when a request is denied. */
int requester_run_permitted(struct requester *requester, struct request *requests, size_t n,
                            struct error *error);

/* One request to the JetStream API ("STREAM.INFO.<name>") and its answer as JSON, which the caller
 * owns; NULL with an error when none arrived (77: denied). The answer may itself hold an `error`
 * object. */
struct json_t *requester_api(struct requester *requester, const char *operation, const char *body,
                             struct error *error);

/* The text of `body` for a request, which the caller frees; releases `body`. NULL with an error
 * when out of memory, or when `body` is NULL. */
char *requester_json_body(struct json_t *body, struct error *error);

/* Frees the answers. */
void requests_clear(struct request *requests, size_t n);

CLEANUP_DEFINE(struct requester *, cleanup_requester, requester_close)

#endif
