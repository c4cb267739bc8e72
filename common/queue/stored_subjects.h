/* stored_subjects: the subjects that a stream stores, which may differ from those that it listens
 * to: it may take messages from other streams and map their subjects. Read from the `config` of
 * STREAM.INFO. Pure. */
#ifndef NATSQ_STORED_SUBJECTS_H
#define NATSQ_STORED_SUBJECTS_H

#include "queue/subject_transform.h"

#include <stddef.h>

struct json_t;

/* Filters for everything that the stream may store, as a JSON array that the caller owns; `>` where
 * another stream may send anything. NULL when out of memory. */
struct json_t *stored_subjects(const struct json_t *config);

/* Whether the stream itself takes what is published to any subject of the filter `to`. */
bool stored_subjects_listens_to(const struct json_t *config, const char *to);

/* Whether `test(stored, filter)` holds for any of these filters. */
bool stored_subjects_any(const struct json_t *config,
                         bool (*test)(const char *stored, const char *filter), const char *filter);

/* Whether the stream may store a subject of this filter. */
bool stored_subjects_match(const struct json_t *config, const char *filter);

/* "jobs.*, returns.*", for an error's text; returns `text`. */
const char *stored_subjects_text(const struct json_t *config, char *text, size_t size);

/* How a message can be stored again under the subject that it had in the stream. */
struct way_back {
    char to[SUBJECT_TRANSFORM_MAX]; /* the subject to publish it to */
    const char *through; /* the stream that takes it, a text of `config`; NULL: the stream itself */
};

/* False when that is impossible. */
bool stored_subjects_way_back(const struct json_t *config, const char *subject,
                              struct way_back *way);

#endif
