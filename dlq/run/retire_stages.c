#include "run/retire_stages.h"

#include "dlq.h"
#include "letters/originals.h"

#include <inttypes.h>

static const struct {
    bool (*is_chosen)(const struct decision *item);
    bool only_looks;
    void (*note)(struct decision *item, enum retire_outcome original);
} table[] = {
    [STAGE_CHECK] = {decision_needs_look, true, decision_take_look},
    [STAGE_RETIRE_BEFORE] = {decision_retires_first, false, decision_take_removal},
    [STAGE_RETIRE_AFTER] = {decision_retires_after, false, decision_take_removal},
    [STAGE_RECHECK] = {decision_is_alive, true, decision_take_last_look},
};

/* The batch at one stage. */
struct stage_batch {
    const struct dlq *dlq;
    enum stage stage;
    struct decision *items;
};

static void log_original(const struct dlq *dlq, const struct decision *item, enum stage stage,
                         enum retire_outcome original)
{
    if (stage == STAGE_RECHECK || (stage == STAGE_CHECK && item->fate != FATE_ALIVE))
        return;
    if (original == RETIRE_ALIVE)
        log_warn(dlq->log, "# %" PRIu64 " is alive again in %s and stays there%s", item->letter.seq,
                 item->letter.origin, item->fate == FATE_ALIVE ? ": its letter is settled" : "");
    else if (original == RETIRE_LATER && decision_is_late(item))
        log_warn(dlq->log, "# %" PRIu64 " cannot be removed from %s and stays there",
                 item->letter.seq, item->letter.origin);
}

static const struct letter *choose(void *closure, size_t i)
{
    const struct stage_batch *batch = closure;
    const struct decision *item = &batch->items[i];
    return table[batch->stage].is_chosen(item) ? &item->letter : NULL;
}

static void note(void *closure, size_t i, enum retire_outcome original)
{
    const struct stage_batch *batch = closure;
    struct decision *item = &batch->items[i];
    table[batch->stage].note(item, original);
    log_original(batch->dlq, item, batch->stage, original);
}

int retire_stages_run(const struct dlq *dlq, struct requester *requester, enum stage stage,
                      struct decision *items, size_t n, struct error *error)
{
    struct stage_batch batch = {dlq, stage, items};
    const struct retire_step step = {choose, table[stage].only_looks, note};
    return retire_step_run(&step, &batch, n, requester, dlq->connection, error);
}
