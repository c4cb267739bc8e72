/* dlq_subjects: the subjects of a DLQ stream: the server's advisories that a job used up its
 * attempts, and dead letters (natsq.<state>.<origin>.<consumer>.<S>.<T>), dead or held. */
#ifndef NATSQ_DLQ_SUBJECTS_H
#define NATSQ_DLQ_SUBJECTS_H

#include <stdbool.h>
#include <stddef.h>

struct json_t;

#define LETTER_ROOT "natsq."
#define SUBJECT_DEAD "dead" /* waits for a decision */
#define SUBJECT_HELD "held" /* waits for a person */

enum dlq_subject { DLQ_ADVISORIES, DLQ_DEAD, DLQ_HELD, DLQ_SUBJECTS };

enum { DLQ_SUBJECT_MAX = 640 };

/* The filter for those about `origin`, or about any origin (NULL), in `filter`. */
const char *dlq_subject(enum dlq_subject which, const char *origin, char filter[DLQ_SUBJECT_MAX]);

/* Whether this filter, or plain subject, matches any of them: of `origin`, or of any (NULL). */
bool dlq_subjects_overlap(const char *origin, const char *filter);

/* Whether a consumer with this filter would take letters or advisories from the stream, which only
 * dlq may do: any other consumer of a work queue removes them. From the `config` of STREAM.INFO. A
 * stream that may store anything, because another stream is its source, counts only for a filter
 * that names these subjects. */
bool dlq_subjects_taken(const struct json_t *config, const char *filter);

/* Whether the DLQ stream (STREAM.INFO) stores any of those about the origin. */
bool dlq_subjects_any(const struct json_t *letters, const char *origin);

/* The arguments of natscli's command that adds the subjects which the stream lacks; it repeats the
 * others, since the stream may serve other origins too. */
const char *dlq_subjects_arguments(const struct json_t *letters, const char *origin,
                                   char *arguments, size_t size);

#endif
