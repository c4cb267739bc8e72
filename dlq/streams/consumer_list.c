#include "streams/consumer_list.h"

#include "base/array.h"
#include "base/subject.h"
#include "nats/api_answer.h"
#include "queue/durable.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void consumer_list_clear(struct consumer_list *consumers)
{
    for (size_t i = 0; i < consumers->n; i++)
        json_decref(consumers->items[i].config);
    free(consumers->items);
    *consumers = (struct consumer_list){0};
}

static int add(struct consumer_list *consumers, struct requester *requester, const char *stream,
               const char *name, struct error *error)
{
    json_t *info = NULL;
    struct consumer *grown =
        array_grow(consumers->items, consumers->n, &consumers->room, sizeof *grown);
    if (!grown)
        return error_set(error, EX_OSERR, "out of memory");
    consumers->items = grown;
    struct consumer *consumer = &consumers->items[consumers->n];
    int there = durable_look_up(requester, stream, name, &consumer->state, &info, error);
    if (there != 0)
        return there < 0 ? -1 : 0;
    snprintf(consumer->name, sizeof consumer->name, "%s", name);
    consumer->config = json_incref(json_object_get(info, "config"));
    consumers->n++;
    json_decref(info);
    return 0;
}

/* Adds a page of names and moves `*offset` past it. 1: there are more. */
static int add_page(struct consumer_list *consumers, struct requester *requester,
                    const char *stream, size_t *offset, struct error *error)
{
    char operation[REQUEST_SUBJECT_MAX], body[64];
    snprintf(operation, sizeof operation, "CONSUMER.NAMES.%s", stream);
    snprintf(body, sizeof body, "{\"offset\":%zu}", *offset);
    json_t *answer = requester_api(requester, operation, body, error), *name;
    json_t *names = json_object_get(answer, "consumers");
    int result = answer ? 0 : -1;
    size_t i;
    if (json_object_get(answer, "error"))
        result = error_set(error, EX_UNAVAILABLE, "cannot list the consumers of '%s': %s", stream,
                           api_answer_reason(answer));
    json_array_foreach(names, i, name)
    {
        if (result == 0)
            result = add(consumers, requester, stream, json_string_value(name), error);
    }
    *offset += json_array_size(names);
    bool more = json_array_size(names) > 0 &&
                (json_int_t)*offset < json_integer_value(json_object_get(answer, "total"));
    json_decref(answer);
    return result == 0 && more ? 1 : result;
}

int consumer_list_fetch(struct consumer_list *consumers, struct requester *requester,
                        const char *stream, struct error *error)
{
    size_t offset = 0;
    int result;
    consumer_list_clear(consumers);
    do
        result = add_page(consumers, requester, stream, &offset, error);
    while (result == 1);
    return result;
}

const struct consumer *consumer_list_find(const struct consumer_list *consumers, const char *name)
{
    for (size_t i = 0; i < consumers->n; i++)
        if (strcmp(consumers->items[i].name, name) == 0)
            return &consumers->items[i];
    return NULL;
}

const char *consumer_filter_in(const json_t *config, size_t i)
{
    const json_t *several = json_object_get(config, "filter_subjects");
    const char *single = json_string_value(json_object_get(config, "filter_subject"));
    if (json_array_size(several) > 0)
        return json_string_value(json_array_get(several, i));
    if (i > 0)
        return NULL;
    return single && *single ? single : ">";
}

const char *consumer_filter(const struct consumer *consumer, size_t i)
{
    return consumer_filter_in(consumer->config, i);
}

bool consumer_list_covers(const struct consumer_list *consumers, const char *subject)
{
    for (size_t i = 0; i < consumers->n; i++) {
        const char *filter;
        for (size_t j = 0; (filter = consumer_filter(&consumers->items[i], j)); j++)
            if (subject_covers(filter, subject))
                return true;
    }
    return false;
}
