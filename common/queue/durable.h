/* durable: looks up, creates, updates and restores a durable consumer.
 *
 * Uses the JSON API itself (ADR-37) and not nats.c's js_AddConsumer, which creates or updates
 * whatever exists and writes back only the fields that it knows. */
#ifndef NATSQ_DURABLE_H
#define NATSQ_DURABLE_H

#include "nats/requester.h"
#include "queue/durable_config.h"
#include "queue/durable_state.h"

enum durable_found { DURABLE_FOUND, DURABLE_NO_CONSUMER, DURABLE_NO_STREAM };

/* Looks up any consumer: enum durable_found, or -1 when the server did not answer. `info` (else
 * NULL) is then the whole answer, with its `config`; the caller owns it. */
int durable_look_up(struct requester *requester, const char *stream, const char *name,
                    struct durable_state *state, struct json_t **info, struct error *error);

/* Whether a worker may use a durable with this `config`. -1 (78): it has a setting that is refused
 * (settings.h), or is meant for a COMMAND and we have none. */
int durable_check(const struct durable_spec *spec, const struct json_t *config,
                  struct error *error);

/* Creates the durable, or uses the existing one. Options that the user gave and that differ from it
 * are refused (78); with `update` they change it. -1 also if it has another filter, durable_check
 * refuses it, or another consumer takes our subjects (78), there is no stream, or the durable keeps
 * being created and deleted (69). */
int durable_ensure(struct requester *requester, const struct durable_spec *spec,
                   const struct log *log, struct durable_state *state, struct error *error);

/* For a running worker: waits until the durable exists again; recreates it, and logs that, if it
 * was deleted. Waits for a server or stream that is unavailable. 0; 1 when a stop was requested,
 * possibly by this function because of a refused setting (stop_because). */
int durable_restore(struct requester *requester, const struct durable_spec *spec,
                    const struct log *log);

#endif
