/* unmatched_jobs: jobs in the origin that no consumer's filter matches: no worker ever receives
 * them. */
#ifndef NATSQ_UNMATCHED_JOBS_H
#define NATSQ_UNMATCHED_JOBS_H

#include <stdint.h>

struct consumer_list;
struct error;
struct json_t;
struct requester;

struct unmatched_jobs {
    uint64_t count;
    char example[512]; /* the subject of one, cut if longer */
};

/* `filters`: a list of all that the stream may store (stored_subjects.h). Asks for the subjects
 * that hold jobs only if the consumers' filters leave out some of them. */
int unmatched_jobs_count(struct unmatched_jobs *unmatched, struct requester *requester,
                         const char *stream, const struct json_t *filters,
                         const struct consumer_list *consumers, struct error *error);

#endif
