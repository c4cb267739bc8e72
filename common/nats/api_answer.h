/* api_answer: an answer of the JetStream API, as JSON, and the `error` object that it may hold.
 * Pure. */
#ifndef NATSQ_API_ANSWER_H
#define NATSQ_API_ANSWER_H

#include <nats/nats.h>

struct json_t;

/* The answer as JSON, which the caller owns; NULL when it is not JSON. */
struct json_t *api_answer_parse(natsMsg *message);

/* The error's code (enum jsErrCode of nats.h); 0 when the answer holds no error. */
int api_answer_error(const struct json_t *answer);

/* The error's description; never NULL. */
const char *api_answer_reason(const struct json_t *answer);

#endif
