/* dlq_subjects: what a DLQ stream takes about an origin: the server's advisories, the letters that
 * wait and those that are held. */
#ifndef NATSQ_DLQ_SUBJECTS_H
#define NATSQ_DLQ_SUBJECTS_H

#include "queue/stream.h"

enum dlq_subject { SUBJECT_ADVISORIES, SUBJECT_DEAD, SUBJECT_HELD, DLQ_SUBJECTS };

enum { DLQ_SUBJECT_MAX = 640 };

/* As a filter, in `subject`. */
const char *dlq_subject(enum dlq_subject which, const char *origin, char subject[DLQ_SUBJECT_MAX]);

/* Whether the stream has a place for anything about the origin: it may be the wrong stream. */
bool dlq_subjects_any(const struct json_t *letters, const char *origin);

/* The natscli command that adds those that the stream lacks to what it has: it may serve other
 * origins too. */
const char *dlq_subjects_command(const struct json_t *letters, const char *origin, char *command,
                                 size_t size);

#endif
