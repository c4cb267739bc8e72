#include "sweep/unmatched_jobs.h"

#include "queue/stream.h"
#include "streams/consumer_list.h"

#include <jansson.h>
#include <stdio.h>

static void count_subjects(struct unmatched_jobs *unmatched, json_t *subjects,
                           const struct consumer_list *consumers)
{
    const char *subject;
    json_t *jobs;
    json_object_foreach(subjects, subject, jobs)
    {
        if (consumer_list_covers(consumers, subject))
            continue;
        if (unmatched->count == 0)
            snprintf(unmatched->example, sizeof unmatched->example, "%s", subject);
        unmatched->count += (uint64_t)json_integer_value(jobs);
    }
}

/* One page of subjects that hold jobs, from `*offset` on, which moves. 1: there are more. */
static int count_page(struct unmatched_jobs *unmatched, struct requester *requester,
                      const char *stream, const char *filter, size_t *offset,
                      const struct consumer_list *consumers, struct error *error)
{
    json_t *answer = stream_info(requester, stream, filter, *offset, error);
    if (!answer)
        return -1;
    json_t *subjects = json_object_get(json_object_get(answer, "state"), "subjects");
    size_t n = json_object_size(subjects);
    count_subjects(unmatched, subjects, consumers);
    *offset += n;
    bool more = n > 0 && (json_int_t)*offset < json_integer_value(json_object_get(answer, "total"));
    json_decref(answer);
    return more;
}

int unmatched_jobs_count(struct unmatched_jobs *unmatched, struct requester *requester,
                         const char *stream, const json_t *filters,
                         const struct consumer_list *consumers, struct error *error)
{
    size_t i;
    json_t *item;
    *unmatched = (struct unmatched_jobs){0};
    json_array_foreach(filters, i, item)
    {
        const char *filter = json_string_value(item);
        size_t offset = 0;
        int more = !consumer_list_covers(consumers, filter);
        while (more > 0)
            more = count_page(unmatched, requester, stream, filter, &offset, consumers, error);
        if (more < 0)
            return -1;
    }
    return 0;
}
