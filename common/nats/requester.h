/* requester: a batch of requests and their answers, all under way at once: one stage of what is
 * done to many letters costs one round trip. Used by one thread at a time. */
#ifndef NATSQ_REQUESTER_H
#define NATSQ_REQUESTER_H

#include "nats/connection.h"

enum { REQUEST_SUBJECT_MAX = 640 };

/* Made by the caller, which owns it; `answer` is filled in and NULL when none came in time, nobody
 * listens on the subject (`no_responders`), or we may not publish to it (`denied`). */
struct request {
    char subject[REQUEST_SUBJECT_MAX];
    const char *body; /* the caller's; NULL for none */
    natsMsg *answer;
    bool no_responders, denied;
};

struct requester;

int requester_open(struct requester **opened, struct connection *connection, struct error *error);
void requester_close(struct requester *requester);

/* From here on no answer is waited for once a stop is requested: for requests that matter only to a
 * program that goes on. Others are then waited for up to 2 s. */
void requester_abandon_on_stop(struct requester *requester);

/* Sends all and waits for the answers, up to `ns`, or less in a stop. -1 only when nothing could be
 * sent, or no answer can come because the server refuses our subscription (77). */
int requester_run(struct requester *requester, struct request *requests, size_t n, int64_t ns,
                  struct error *error);

/* The same; -1 (77) also when one is denied. */
int requester_run_permitted(struct requester *requester, struct request *requests, size_t n,
                            int64_t ns, struct error *error);

/* One request to the JetStream API ("STREAM.INFO.<name>") and its answer as JSON, which the caller
 * owns; NULL with an error when none came (77: denied). The answer may itself hold an `error`
 * object. */
struct json_t *requester_api(struct requester *requester, const char *operation, const char *body,
                             struct error *error);

/* `body` as text for a request, which the caller frees; takes it over. NULL with an error when out
 * of memory, also where `body` is NULL. */
char *requester_json_body(struct json_t *body, struct error *error);

/* Frees the answers. */
void requests_clear(struct request *requests, size_t n);

CLEANUP_DEFINE(struct requester *, cleanup_requester, requester_close)

#endif
