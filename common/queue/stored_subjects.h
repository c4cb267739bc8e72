/* stored_subjects: which subjects a stream stores, which need not be those that it listens to: it
 * may take messages from other streams and map their subjects. From the `config` of STREAM.INFO.
 * Pure. */
#ifndef NATSQ_STORED_SUBJECTS_H
#define NATSQ_STORED_SUBJECTS_H

#include "queue/subject_transform.h"

struct json_t;

/* Filters for all that the stream may store, a JSON array that the caller owns; `>` where another
 * stream sends what it will. NULL when out of memory. */
struct json_t *stored_subjects(const struct json_t *config);

/* Whether `test(stored, filter)` holds for any of these filters. */
bool stored_subjects_any(const struct json_t *config,
                         bool (*test)(const char *stored, const char *filter), const char *filter);

/* Whether the stream may store a subject of this filter. */
bool stored_subjects_match(const struct json_t *config, const char *filter);

/* "jobs.*, returns.*" for an error's words, in `text`. */
const char *stored_subjects_text(const struct json_t *config, char *text, size_t size);

/* How a message gets into the stream again under the subject that it had there. */
struct way_back {
    char to[SUBJECT_TRANSFORM_MAX]; /* publish it to this */
    const char *through; /* the other stream that takes it, in `config`; NULL: the stream itself */
};

/* False when there is no way. */
bool stored_subjects_way_back(const struct json_t *config, const char *subject,
                              struct way_back *way);

#endif
