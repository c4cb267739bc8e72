/* stream: looks up streams before they are used. The programs never create or change one. */
#ifndef NATSQ_STREAM_H
#define NATSQ_STREAM_H

#include "nats/requester.h"

struct json_t;

/* Looks the stream up: 0 and the server's answer (`config`, `state`, `cluster`), which the caller
 * owns. -1: there is none (69; the error says how to create it) or we may not look it up (77). 1: a
 * stop was requested meanwhile. With `wait` it waits until the stream exists. */
int stream_look_up(struct connection *connection, const char *name, bool wait, struct json_t **info,
                   struct error *error);

/* The same request, once and unchecked: the answer may hold an `error` object. With `filter` (else
 * NULL) it also lists the subjects that match it and hold messages, a page from `offset` on. NULL
 * with an error when no answer arrived. */
struct json_t *stream_info(struct requester *requester, const char *name, const char *filter,
                           size_t offset, struct error *error);

/* A member of the answer, such as ("state", "first_seq"); 0 or "" when there is none. */
int64_t stream_number(const struct json_t *info, const char *part, const char *key);
const char *stream_text(const struct json_t *info, const char *part, const char *key);

/* Whether the stream stores what is published to any subject of this filter. */
bool stream_carries_all(const struct json_t *info, const char *filter);

/* Whether the server is at least major.minor. Its version, from the stream's metadata (`_nats.ver`,
 * since 2.11: ADR-44), is copied to `version`; "older than 2.11" when the metadata lacks it. */
bool stream_server_at_least(const struct json_t *info, int major, int minor, char version[32]);

/* 0 when some stream stores what is published to this subject, with its name in `name`. -1: none
 * does (69), or we may not ask (77). 1: a stop was requested meanwhile; a lookup that begins after
 * the stop is still answered. With `wait` it waits for such a stream. */
int stream_of_subject(struct connection *connection, const char *subject, bool wait, char *name,
                      size_t size, struct error *error);

/* Looks it up once, without an error text: 0 and the stream's name; 1 when no stream has the
 * subject; 2 when we may not ask; -1 when the server did not answer. */
int stream_find(struct connection *connection, const char *subject, char *name, size_t size);

#endif
