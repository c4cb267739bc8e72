#include "dlq.h"

#include <stdio.h>

int dlq_require(const struct dlq *dlq, unsigned subjects, const char *what, struct error *error)
{
    const bool has[] = {dlq->has_advisories, dlq->has_dead, dlq->has_held};
    char missing[DLQ_SUBJECTS * (DLQ_SUBJECT_MAX + 2)] = "", subject[DLQ_SUBJECT_MAX];
    size_t used = 0;
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        if (subjects >> which & 1 && !has[which])
            used +=
                (size_t)snprintf(missing + used, sizeof missing - used, "%s%s", used ? ", " : "",
                                 dlq_subject(which, dlq->options->origin, subject));
    if (used == 0)
        return 0;
    return error_set(error, EX_CONFIG, "%s needs letters in stream %s: add %s to its subjects",
                     what, dlq->options->stream, missing);
}
