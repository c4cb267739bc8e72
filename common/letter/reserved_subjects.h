/* reserved_subjects: the subjects of dead letters and of the advisories that announce them. Only
 * dlq may consume what is stored there: any other consumer of a work queue removes it. Pure. */
#ifndef NATSQ_RESERVED_SUBJECTS_H
#define NATSQ_RESERVED_SUBJECTS_H

#include <stdbool.h>

struct json_t;

/* Whether some reserved subject matches the filter, which may be a plain subject. */
bool reserved_subjects_overlap(const char *filter);

/* Whether a consumer with this filter would take letters or advisories that the stream stores. From
 * the `config` of STREAM.INFO. A stream that may store anything, since another stream is its
 * source, counts only for a filter that names reserved subjects. */
bool reserved_subjects_taken(const struct json_t *config, const char *filter);

#endif
