#include "streams/queue_look.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letter/letter_names.h"
#include "nats/api_answer.h"
#include "nats/denials.h"
#include "queue/stream.h"
#include "streams/dlq_durable.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The first two requests of a look. */
enum { ORIGIN_INFO, DLQ_INFO };

/* The oldest job of a consumer with more filters is not known: each is a request. */
enum {
    FILTERS_MAX = 16,
    LOOKS_FOR_ALL = 3, /* the names of consumers, then their state, then their oldest jobs */
};

struct batch {
    const struct dlq *dlq;
    const char *api;
    struct request *requests;
    char **bodies; /* owned, of each request; NULL: none */
    size_t n, room, bodies_room;
    size_t next; /* the next answer to be taken */
};

static void batch_close(struct batch *batch)
{
    requests_clear(batch->requests, batch->n);
    for (size_t i = 0; i < batch->n; i++)
        free(batch->bodies[i]);
    free(batch->requests);
    free(batch->bodies);
}

/* Takes ownership of `body`. NULL: out of memory. */
static struct request *add(struct batch *batch, char *body, struct error *error)
{
    void *requests = array_grow(batch->requests, batch->n, &batch->room, sizeof *batch->requests);
    batch->requests = requests ? requests : batch->requests;
    void *bodies = array_grow(batch->bodies, batch->n, &batch->bodies_room, sizeof *batch->bodies);
    batch->bodies = bodies ? bodies : batch->bodies;
    if (!requests || !bodies) {
        free(body);
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    batch->bodies[batch->n] = body;
    batch->requests[batch->n] = (struct request){.body = body};
    return &batch->requests[batch->n++];
}

static int add_api(struct batch *batch, const char *operation, const char *stream,
                   const char *consumer, struct error *error)
{
    struct request *request = add(batch, NULL, error);
    if (!request)
        return -1;
    snprintf(request->subject, sizeof request->subject, "%s.%s.%s%s%s", batch->api, operation,
             stream, consumer ? "." : "", consumer ? consumer : "");
    return 0;
}

static int add_first(struct batch *batch, const char *stream, const char *filter, uint64_t from,
                     struct error *error)
{
    char *body = first_match_body(filter, from, error);
    struct request *request = body ? add(batch, body, error) : NULL;
    if (!request)
        return -1;
    snprintf(request->subject, sizeof request->subject, "%s.DIRECT.GET.%s", batch->api, stream);
    return 0;
}

static int add_streams(struct batch *batch, struct error *error)
{
    const struct dlq_options *options = batch->dlq->options;
    char filter[DLQ_SUBJECT_MAX];
    int result = 0;
    if (add_api(batch, "STREAM.INFO", options->origin, NULL, error) < 0 ||
        add_api(batch, "STREAM.INFO", options->stream, NULL, error) < 0 ||
        add_api(batch, "CONSUMER.NAMES", options->origin, NULL, error) < 0 ||
        add_api(batch, "CONSUMER.NAMES", options->stream, NULL, error) < 0)
        return -1;
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS && result == 0; which++)
        result = add_first(batch, options->stream, dlq_subject(which, options->origin, filter), 0,
                           error);
    return result;
}

static int add_consumers(struct batch *batch, const char *stream, const json_t *names,
                         struct error *error)
{
    json_t *name;
    size_t i;
    int result = 0;
    json_array_foreach(names, i, name)
    {
        if (result == 0)
            result = add_api(batch, "CONSUMER.INFO", stream, json_string_value(name), error);
    }
    return result;
}

/* NULL after the last filter, and where there are too many. */
static const char *filter_of(const struct queue_look *look, size_t durable, size_t i)
{
    const json_t *config = look->durables[durable].config;
    return config && !consumer_filter_in(config, FILTERS_MAX) ? consumer_filter_in(config, i)
                                                              : NULL;
}

/* The first sequence at which a job of the durable may not be done yet: jobs that were delivered
 * and are not in flight are dead or done. */
static uint64_t first_undone(const struct durable_state *state)
{
    return 1 + (state->ack_pending == 0 ? state->delivered_seq : state->ack_floor_seq);
}

static int add_oldest(struct batch *batch, const struct queue_look *before, struct error *error)
{
    const char *origin = batch->dlq->options->origin, *filter;
    int result = 0;
    for (size_t i = 0; i < before->n_durables; i++)
        for (size_t k = 0; result == 0 && (filter = filter_of(before, i, k)); k++)
            result =
                add_first(batch, origin, filter, first_undone(&before->durables[i].state), error);
    return result;
}

/* The next answer as JSON, which the caller owns; NULL when there is none. */
static json_t *take_json(struct batch *batch)
{
    natsMsg *answer = batch->requests[batch->next++].answer;
    return answer ? api_answer_parse(answer) : NULL;
}

static struct stream_room take_room(struct batch *batch, const char *stream, char *trouble,
                                    size_t size)
{
    json_t *info = take_json(batch);
    struct stream_room room = stream_room_read(info);
    if (!info)
        snprintf(trouble, size, "%s", QUEUE_LOOK_NO_ANSWER);
    else if (room.created == 0)
        snprintf(trouble, size, "stream %s: %s", stream, api_answer_reason(info));
    json_decref(info);
    return room;
}

static json_t *take_names(struct batch *batch)
{
    json_t *answer = take_json(batch);
    json_t *names = json_incref(json_object_get(answer, "consumers"));
    json_decref(answer);
    return names;
}

static void take_streams(struct queue_look *look, struct batch *batch)
{
    const struct dlq_options *options = batch->dlq->options;
    look->origin = take_room(batch, options->origin, look->trouble, sizeof look->trouble);
    look->letters = take_room(batch, options->stream, look->trouble, sizeof look->trouble);
    look->names[0] = take_names(batch);
    look->names[1] = take_names(batch);
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        look->stored[which] = first_match_read(batch->requests[batch->next++].answer,
                                               which == DLQ_ADVISORIES ? NULL : LETTER_DIED_AT);
}

/* A consumer that was deleted meanwhile is left out. */
static void take_durable(struct queue_look *look, struct batch *batch, const char *name)
{
    json_t *info = take_json(batch), *config = json_object_get(info, "config");
    struct durable_look *durable = &look->durables[look->n_durables];
    if (!info || config) {
        *durable = (struct durable_look){.config = json_incref(config), .oldest = -1};
        snprintf(durable->name, sizeof durable->name, "%s", name);
        if (config)
            durable_state_read(&durable->state, info);
        look->n_durables++;
    }
    json_decref(info);
}

static int take_durables(struct queue_look *look, struct batch *batch, const json_t *names,
                         struct error *error)
{
    json_t *name;
    size_t i;
    look->durables = calloc(json_array_size(names) + 1, sizeof *look->durables);
    if (!look->durables)
        return error_set(error, EX_OSERR, "out of memory");
    json_array_foreach(names, i, name) take_durable(look, batch, json_string_value(name));
    look->knows_durables = names != NULL;
    return 0;
}

/* The one with our filter is ours, whatever its name. */
static void take_duties(struct queue_look *look, struct batch *batch, const json_t *names)
{
    const struct dlq_options *options = batch->dlq->options;
    struct durable_state *const states[] = {&look->collects, &look->decides};
    json_t *name;
    size_t i;
    json_array_foreach(names, i, name)
    {
        json_t *info = take_json(batch);
        for (enum dlq_duty duty = DUTY_COLLECT; duty <= DUTY_DECIDE; duty++) {
            struct dlq_durable durable;
            dlq_durable_begin(&durable, duty, options->stream, options->origin);
            if (dlq_durable_owner(&durable, json_object_get(info, "config")) == OWNER_US)
                durable_state_read(states[duty], info);
        }
        json_decref(info);
    }
}

static struct durable_look *durable_named(struct queue_look *look, const char *name)
{
    for (size_t i = 0; i < look->n_durables; i++)
        if (strcmp(look->durables[i].name, name) == 0)
            return &look->durables[i];
    return NULL;
}

/* The earliest of its filters. */
static int64_t take_oldest_of(struct batch *batch, const struct queue_look *before, size_t durable)
{
    int64_t oldest = filter_of(before, durable, 0) ? 0 : -1;
    for (size_t k = 0; filter_of(before, durable, k); k++) {
        struct first_match match = first_match_read(batch->requests[batch->next++].answer, NULL);
        if (!match.is_known)
            oldest = -1;
        else if (match.n > 0 && oldest >= 0 && (oldest == 0 || match.time < oldest))
            oldest = match.time;
    }
    return oldest;
}

static void take_oldest(struct queue_look *look, struct batch *batch,
                        const struct queue_look *before)
{
    for (size_t i = 0; i < before->n_durables; i++) {
        struct durable_look *durable = durable_named(look, before->durables[i].name);
        int64_t oldest = take_oldest_of(batch, before, i);
        if (durable)
            durable->oldest = oldest;
    }
}

/* What a user may not read is not known, but without the streams there is nothing to see. */
static int send(struct batch *batch, struct error *error)
{
    struct connection *connection = batch->dlq->connection;
    connection_mute_denials(connection, true);
    int result = requester_run(batch->dlq->requester, batch->requests, batch->n,
                               connection_timeout(connection), error);
    connection_mute_denials(connection, false);
    for (size_t i = ORIGIN_INFO; result == 0 && i <= DLQ_INFO; i++)
        if (batch->requests[i].denied)
            result = denials_error(error, "publish", batch->requests[i].subject);
    return result;
}

int queue_look_take(struct queue_look *look, const struct queue_look *before, const struct dlq *dlq,
                    struct error *error)
{
    const struct dlq_options *options = dlq->options;
    _cleanup_(batch_close) struct batch batch = {.dlq = dlq,
                                                 .api = connection_api(dlq->connection)};
    *look = (struct queue_look){
        .at = clock_now(), .time = timestamp_now(), .has_letters = dlq->has_dead};
    if (add_streams(&batch, error) < 0 ||
        add_consumers(&batch, options->origin, before->names[0], error) < 0 ||
        add_consumers(&batch, options->stream, before->names[1], error) < 0 ||
        add_oldest(&batch, before, error) < 0 || send(&batch, error) < 0)
        return -1;
    take_streams(look, &batch);
    if (take_durables(look, &batch, before->names[0], error) < 0)
        return -1;
    take_duties(look, &batch, before->names[1]);
    take_oldest(look, &batch, before);
    return *look->trouble ? 1 : 0;
}

int queue_look_take_whole(struct queue_look *look, const struct dlq *dlq, struct error *error)
{
    int result = 0;
    *look = (struct queue_look){0};
    for (int i = 0; i < LOOKS_FOR_ALL && result == 0; i++) {
        _cleanup_(queue_look_clear) struct queue_look before = *look;
        *look = (struct queue_look){0};
        result = queue_look_take(look, &before, dlq, error);
    }
    return result;
}

void queue_look_clear(struct queue_look *look)
{
    for (size_t i = 0; i < look->n_durables; i++)
        json_decref(look->durables[i].config);
    free(look->durables);
    json_decref(look->names[0]);
    json_decref(look->names[1]);
    *look = (struct queue_look){0};
}

static int64_t earlier(int64_t one, int64_t other)
{
    if (one < 0 || other < 0)
        return -1;
    return one == 0 || (other > 0 && other < one) ? other : one;
}

struct queue_jobs queue_look_jobs(const struct queue_look *look)
{
    struct queue_jobs jobs = {.is_known = look->knows_durables};
    if (!jobs.is_known)
        return (struct queue_jobs){.oldest = -1};
    for (size_t i = 0; i < look->n_durables; i++) {
        const struct durable_look *durable = &look->durables[i];
        jobs.pending += durable->state.pending;
        jobs.in_flight += durable->state.ack_pending;
        jobs.oldest = earlier(jobs.oldest, durable->oldest);
    }
    if (look->n_durables == 0)
        jobs = (struct queue_jobs){true, look->origin.messages, 0, look->origin.oldest};
    return jobs;
}
