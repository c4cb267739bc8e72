#include "dlq.h"

#include "queue/stream.h"

#include <jansson.h>
#include <stdio.h>

void dlq_know_letters(struct dlq *dlq, const json_t *info)
{
    char subject[DLQ_SUBJECT_MAX];
    bool *const has[] = {&dlq->has_advisories, &dlq->has_dead, &dlq->has_held};
    for (enum dlq_subject which = 0; which < DLQ_SUBJECTS; which++)
        *has[which] = stream_carries_all(info, dlq_subject(which, dlq->options->origin, subject));
    dlq->first_seq = (uint64_t)stream_number(info, "state", "first_seq");
}

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
