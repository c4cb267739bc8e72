/* stream: a look at a stream before it is used. The programs never make or change one. */
#ifndef NATSQ_STREAM_H
#define NATSQ_STREAM_H

#include "nats/requester.h"

/* The stream's configuration and state, which the caller owns (jsStreamInfo_Destroy). 0, or -1
 * (69, with how to make it) when it is not there, (77) when we may not ask, or 1 when a stop was
 * requested meanwhile. With `wait` it is waited for. */
int stream_look_up(struct connection *connection, const char *name, bool wait, jsStreamInfo **info,
                   struct error *error);

/* The same as JSON, which the caller owns, since nats.c 3.14 knows few of the settings. With
 * `filter` (else NULL) also the subjects that match it and hold messages, a page from `offset` on.
 * NULL with an error when no answer came; it may itself hold an `error` object. */
struct json_t *stream_info(struct requester *requester, const char *name, const char *filter,
                           size_t offset, struct error *error);

/* Whether the stream stores what is published to all subjects of this filter, or to some. */
bool stream_carries_all(const jsStreamInfo *info, const char *filter);
bool stream_carries_some(const jsStreamInfo *info, const char *filter);

/* The server's version as the stream's metadata has it (`_nats.ver`, from 2.11 on: ADR-44), in
 * `version`; "older than 2.11" when it is not there. Whether it is at least major.minor. */
bool stream_server_at_least(const jsStreamInfo *info, int major, int minor, char version[32]);

/* "orders.*, returns.*" for an error's words, in `text`. */
const char *stream_subjects_text(const jsStreamInfo *info, char *text, size_t size);

/* 0 when some stream stores what is published to this subject, and its name in `name`; -1 (69)
 * when none does, (77) when we may not ask; 1 when a stop was requested meanwhile. What is asked
 * after the stop is answered. With `wait` one is waited for. */
int stream_of_subject(struct connection *connection, const char *subject, bool wait, char *name,
                      size_t size, struct error *error);

/* The same question once, without words: 0 and the stream's name; 1 when no stream has the subject;
 * 2 when we may not ask; -1 when the server did not say. */
int stream_find(struct connection *connection, const char *subject, char *name, size_t size);

#endif
