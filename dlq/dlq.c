#include "dlq.h"

int dlq_subject_missing(const struct dlq *dlq, enum dlq_subject which, const char *what,
                        struct error *error)
{
    char subject[DLQ_SUBJECT_MAX];
    return error_set(error, EX_CONFIG, "%s needs letters in stream %s: add the subject %s to it",
                     what, dlq->options->stream,
                     dlq_subject(which, dlq->options->origin, subject));
}
