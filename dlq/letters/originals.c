#include "letters/originals.h"

#include "base/cleanup.h"

#include <stdlib.h>

int retire_step_run(const struct retire_step *step, void *batch, size_t n,
                    struct requester *requester, struct error *error)
{
    _cleanup_(cleanup_free) struct retirement *retirements = calloc(n + 1, sizeof *retirements);
    const struct letter *letter;
    size_t chosen = 0, k = 0;
    for (size_t i = 0; i < n && retirements; i++)
        if ((letter = step->choose(batch, i)))
            retirements[chosen++].letter = letter;
    int result = retirements ? retire(requester, retirements, chosen, step->only_looks, error)
                             : error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (step->choose(batch, i))
            step->note(batch, i, retirements ? retirements[k++].outcome : RETIRE_LATER);
    return result;
}

int originals_fetch(choose_letter *choose, void *batch, size_t n, struct stored_message *originals,
                    struct requester *requester, struct error *error)
{
    const struct letter *letter;
    for (size_t i = 0; i < n; i++) {
        originals[i] = (struct stored_message){0};
        if ((letter = choose(batch, i)))
            originals[i] = (struct stored_message){.stream = letter->origin, .seq = letter->seq};
    }
    int result = stored_messages_fetch(requester, originals, n, error);
    for (size_t i = 0; i < n; i++)
        if (originals[i].result == STORED_THERE && (letter = choose(batch, i)) &&
            originals[i].job.delivery.stored_at != letter->stored_at)
            originals[i].result = STORED_GONE;
    return result;
}
