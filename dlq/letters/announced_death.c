#include "letters/announced_death.h"

#include "queue/durable.h"

#include <string.h>

void announced_death_read(struct announced_death *death, const struct job *message,
                          const char *origin)
{
    size_t length;
    const char *body = job_body(message, &length);
    *death = (struct announced_death){0};
    death->fault = advisory_parse(body, length, origin, &death->advisory);
}

static const struct announced_death *same_consumer(const struct announced_death *deaths, size_t n,
                                                   const char *consumer)
{
    for (size_t i = 0; i < n; i++)
        if (!deaths[i].fault && strcmp(deaths[i].advisory.consumer, consumer) == 0)
            return &deaths[i];
    return NULL;
}

int announced_deaths_find_consumers(struct announced_death *deaths, size_t n,
                                    struct requester *requester, const char *origin,
                                    struct error *error)
{
    int result = 0;
    for (size_t i = 0; i < n; i++) {
        struct announced_death *death = &deaths[i];
        const char *name = death->advisory.consumer;
        if (death->fault)
            continue;
        const struct announced_death *earlier = same_consumer(deaths, i, name);
        if (earlier) {
            death->consumer = earlier->consumer;
            continue;
        }
        struct durable_state state = {0};
        int found = durable_look_up(requester, origin, name, &state, NULL, error);
        death->consumer = consumer_sight_of(found, &state);
        result = found < 0 ? -1 : result;
    }
    return result;
}

void announced_death_judge(struct announced_death *death, const struct stored_message *job)
{
    if (!death->fault)
        death->status = advisory_check(&death->advisory, &death->consumer, job);
}

struct letter announced_death_letter(const struct announced_death *death)
{
    return (struct letter){.consumer = death->advisory.consumer,
                           .deliveries = death->advisory.deliveries,
                           .reason = "max deliveries",
                           .died_at = death->advisory.time};
}
