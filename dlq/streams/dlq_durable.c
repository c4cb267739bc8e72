#include "streams/dlq_durable.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/stop.h"
#include "queue/durable.h"
#include "streams/consumer_list.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *plain_name;
    enum dlq_subject takes;
} duties[] = {
    [DUTY_COLLECT] = {"unprocessed_order_handler", DLQ_ADVISORIES},
    [DUTY_DECIDE] = {"letter_handler", DLQ_DEAD},
};

void dlq_durable_begin(struct dlq_durable *durable, enum dlq_duty duty, const char *stream,
                       const char *origin)
{
    *durable = (struct dlq_durable){.stream = stream, .origin = origin};
    snprintf(durable->plain, sizeof durable->plain, "%s", duties[duty].plain_name);
    snprintf(durable->own, sizeof durable->own, "%s_%s", duties[duty].plain_name, origin);
    dlq_subject(duties[duty].takes, origin, durable->filter);
    durable->name = durable->plain;
}

enum dlq_owner dlq_durable_owner(const struct dlq_durable *durable, const json_t *config)
{
    const char *filter;
    size_t n = 0, exact = 0;
    if (!config)
        return OWNER_NOBODY;
    for (; (filter = consumer_filter_in(config, n)); n++) {
        if (!dlq_subjects_overlap(durable->origin, filter))
            return OWNER_OTHER;
        exact += strcmp(filter, durable->filter) == 0;
    }
    return n == 1 && exact == 1 ? OWNER_US : OWNER_US_OTHER_FILTER;
}

const char *dlq_durable_choose(const struct dlq_durable *durable, enum dlq_owner plain,
                               enum dlq_owner own)
{
    if (own == OWNER_US)
        return durable->own;
    if (plain == OWNER_US)
        return durable->plain;
    if (own == OWNER_US_OTHER_FILTER)
        return durable->own;
    if (plain != OWNER_OTHER)
        return durable->plain;
    return own == OWNER_NOBODY ? durable->own : NULL;
}

static enum dlq_owner owner_in(const struct dlq_durable *durable,
                               const struct consumer_list *consumers, const char *name)
{
    const struct consumer *consumer = consumer_list_find(consumers, name);
    return dlq_durable_owner(durable, consumer ? consumer->config : NULL);
}

void dlq_durable_find(struct dlq_durable *durable, const struct consumer_list *consumers)
{
    const char *name = dlq_durable_choose(durable, owner_in(durable, consumers, durable->plain),
                                          owner_in(durable, consumers, durable->own));
    durable->name = name ? name : durable->own;
}

static int look_up_owner(const struct dlq_durable *durable, struct requester *requester,
                         const char *name, enum dlq_owner *owner, struct error *error)
{
    json_t *info = NULL;
    struct durable_state state;
    int there = durable_look_up(requester, durable->stream, name, &state, &info, error);
    *owner = dlq_durable_owner(durable, there == 0 ? json_object_get(info, "config") : NULL);
    json_decref(info);
    if (there == DURABLE_NO_STREAM)
        return error_set(error, EX_UNAVAILABLE, "there is no stream '%s'", durable->stream);
    return there < 0 ? -1 : 0;
}

/* Chooses the name, and returns its owner. */
static int choose_name(struct dlq_durable *durable, struct requester *requester,
                       enum dlq_owner *owner, struct error *error)
{
    enum dlq_owner plain, own;
    if (look_up_owner(durable, requester, durable->plain, &plain, error) < 0 ||
        look_up_owner(durable, requester, durable->own, &own, error) < 0)
        return -1;
    const char *name = dlq_durable_choose(durable, plain, own);
    if (!name)
        return error_set(error, EX_CONFIG,
                         "consumers '%s' and '%s' of stream '%s' exist for something other than "
                         "'%s': remove the second with '%s consumer rm %s %s'",
                         durable->plain, durable->own, durable->stream, durable->filter,
                         program_call("nats"), durable->stream, durable->own);
    durable->name = name;
    *owner = name == durable->plain ? plain : own;
    return 0;
}

/* Checked again just before the deletion: another origin may have taken the name meanwhile. */
static bool has_other_filter(const struct durable_spec *spec, const json_t *config)
{
    return dlq_durable_owner(spec->closure, config) == OWNER_US_OTHER_FILTER;
}

/* Without a limit of deliveries: with max-deliver 2, two crashes would strand a letter for good. */
static struct durable_spec spec_of(const struct dlq_durable *durable)
{
    return (struct durable_spec){
        .stream = durable->stream,
        .name = durable->name,
        .description = "natsq dlq",
        .filters = {durable->filter},
        .n_filters = 1,
        .max_deliver = -1,
        .max_ack_pending = 10000,
        .backoff = {{15 * DURATION_S, 30 * DURATION_S, DURATION_MINUTE, 5 * DURATION_MINUTE}, 4},
        .max_deliver_given = true,
        .update = true, /* it is ours alone */
        .may_recreate = has_other_filter,
        .closure = durable,
    };
}

/* After a conflict (78) the next look may see the durable that a faster run created. */
int dlq_durable_ensure(struct dlq_durable *durable, struct requester *requester,
                       const struct log *log, struct durable_state *state, struct error *error)
{
    enum { TRIES = 5 };
    static const int64_t between = 100 * DURATION_MS;
    for (int i = 0; i < TRIES; i++) {
        enum dlq_owner owner;
        if (choose_name(durable, requester, &owner, error) < 0)
            return -1;
        const struct durable_spec spec = spec_of(durable);
        int result = durable_ensure(requester, &spec, log, state, error);
        if (result == 0)
            return owner == OWNER_NOBODY;
        if (error->exit_code != EX_CONFIG || owner == OWNER_US)
            return result;
        if (i > 0)
            (void)stop_wait(between); /* a stop only shortens the wait */
    }
    return -1;
}
