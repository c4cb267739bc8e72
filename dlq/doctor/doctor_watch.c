#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "base/stop.h"
#include "dlq.h"
#include "doctor/doctor.h"
#include "nats/api_answer.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A worker with a free slot requests again within a moment; one that works at more than a job a
 * second moves something. The pace is measured for a second. */
static const int64_t look_again = 200 * DURATION_MS, measured = DURATION_S;
enum { LOOKS = 10 };

/* A durable that is looked at again. */
struct item {
    const char *stream, *name;
    struct watched *watched;
    bool in_flight_is_work, is_settled;
};

struct watch {
    struct doctor *doctor;
    struct item *items;
    struct request *requests; /* one each, and STREAM.INFO of the origin */
    size_t n;
};

static void watch_close(struct watch *watch)
{
    free(watch->items);
    free(watch->requests);
}

static uint64_t removed_from(const json_t *info)
{
    uint64_t last = (uint64_t)stream_number(info, "state", "last_seq");
    uint64_t messages = (uint64_t)stream_number(info, "state", "messages");
    return last > messages ? last - messages : 0;
}

/* The DLQ stream may serve other origins with durables of their own. */
static bool is_ours(const struct doctor *doctor, const char *name)
{
    return strcmp(name, doctor->collects.name) == 0 || strcmp(name, doctor->decides.name) == 0;
}

static int64_t oldest_of(const struct doctor *doctor, const struct consumer *consumer)
{
    const struct queue_look *queue = &doctor->queue;
    for (size_t i = 0; i < queue->n_durables; i++)
        if (strcmp(queue->durables[i].name, consumer->name) == 0)
            return queue->durables[i].oldest;
    return -1;
}

static struct watched *begin(struct watch *watch, const struct consumer_list *consumers,
                             const char *stream, const json_t *info, bool of_dlq)
{
    struct watched *all = calloc(consumers->n + 1, sizeof *all);
    for (size_t i = 0; all && i < consumers->n; i++) {
        const struct consumer *consumer = &consumers->items[i];
        all[i].before = (struct flow_look){consumer->state, removed_from(info),
                                           of_dlq ? -1 : oldest_of(watch->doctor, consumer)};
        all[i].after = all[i].before;
        if (flow_is_suspicious(&all[i].before, of_dlq) &&
            (!of_dlq || is_ours(watch->doctor, consumer->name)))
            watch->items[watch->n++] = (struct item){.stream = stream,
                                                     .name = consumer->name,
                                                     .watched = &all[i],
                                                     .in_flight_is_work = of_dlq};
    }
    return all;
}

static void ask(struct watch *watch)
{
    struct doctor *doctor = watch->doctor;
    struct error ignored = {0};
    const char *api = connection_api(doctor->dlq->connection);
    for (size_t i = 0; i < watch->n; i++) {
        watch->requests[i] = (struct request){0};
        snprintf(watch->requests[i].subject, sizeof watch->requests[i].subject,
                 "%s.CONSUMER.INFO.%s.%s", api, watch->items[i].stream, watch->items[i].name);
    }
    watch->requests[watch->n] = (struct request){0};
    snprintf(watch->requests[watch->n].subject, sizeof watch->requests[watch->n].subject,
             "%s.STREAM.INFO.%s", api, doctor->origin);
    (void)requester_run(doctor->requester, watch->requests, watch->n + 1,
                        connection_timeout(doctor->dlq->connection), &ignored);
}

static bool is_settled(const struct item *item)
{
    const struct watched *watched = item->watched;
    struct flow_report report =
        flow_judge(&watched->before, &watched->after, item->in_flight_is_work);
    return report.flow == FLOW_FREE ||
           (report.flow == FLOW_MOVES &&
            watched->after.state.time - watched->before.state.time >= measured);
}

static void take_answer(struct item *item, natsMsg *answer, const json_t *stream_info)
{
    json_t *info = answer ? api_answer_parse(answer) : NULL;
    item->is_settled = !json_object_get(info, "config"); /* gone, or other checks report it */
    if (!item->is_settled) {
        durable_state_read(&item->watched->after.state, info);
        if (stream_info && !item->in_flight_is_work)
            item->watched->after.removed = removed_from(stream_info);
        item->is_settled = is_settled(item);
    }
    json_decref(info);
}

/* Returns whether something is still to be seen. */
static bool look(struct watch *watch)
{
    bool again = false;
    ask(watch);
    natsMsg *last = watch->requests[watch->n].answer;
    json_t *stream_info = last ? api_answer_parse(last) : NULL;
    for (size_t i = 0; i < watch->n; i++) {
        if (!watch->items[i].is_settled)
            take_answer(&watch->items[i], watch->requests[i].answer, stream_info);
        again = again || !watch->items[i].is_settled;
    }
    json_decref(stream_info);
    requests_clear(watch->requests, watch->n + 1);
    return again;
}

static void look_for_a_while(struct watch *watch)
{
    for (int i = 0; i < LOOKS && watch->n > 0 && !stop_requested(); i++) {
        tty_progress_show(&watch->doctor->progress, "watching for two seconds whether jobs move");
        (void)stop_wait(look_again);
        if (!stop_requested() && !look(watch))
            return;
    }
}

int doctor_watch(struct doctor *doctor, struct error *error)
{
    size_t most = doctor->origin_consumers.n + doctor->dlq_consumers.n + 1;
    _cleanup_(watch_close) struct watch watch = {.doctor = doctor,
                                                 .items = calloc(most, sizeof *watch.items),
                                                 .requests = calloc(most, sizeof *watch.requests)};
    if (watch.items && watch.requests) {
        doctor->workers =
            begin(&watch, &doctor->origin_consumers, doctor->origin, doctor->origin_info, false);
        doctor->handlers =
            begin(&watch, &doctor->dlq_consumers, doctor->stream, doctor->dlq_info, true);
    }
    if (!doctor->workers || !doctor->handlers)
        return error_set(error, EX_OSERR, "out of memory");
    look_for_a_while(&watch);
    return 0;
}
