#include "run/retire_stages.h"

#include "dlq.h"

#include <inttypes.h>

static const struct {
    bool (*chosen)(const struct decision *item);
    int (*run)(struct requester *requester, struct connection *connection, struct retirement *items,
               size_t n, struct error *error);
    void (*note)(struct decision *item, enum retire_outcome original);
} table[] = {
    [STAGE_CHECK] = {decision_needs_look, retire_look, decision_take_look},
    [STAGE_RETIRE_BEFORE] = {decision_retires_first, retire, decision_take_removal},
    [STAGE_RETIRE_AFTER] = {decision_retires_after, retire, decision_take_removal},
    [STAGE_RECHECK] = {decision_is_alive, retire_look, decision_take_last_look},
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

int retire_stages_run(struct retire_stages *stages, enum stage stage, struct decision *items,
                      size_t n, struct error *error)
{
    size_t chosen = 0, of[BATCH_MAX];
    for (size_t i = 0; i < n; i++)
        if (table[stage].chosen(&items[i])) {
            of[chosen] = i;
            stages->retirements[chosen++] = retirement_of(&items[i].letter);
        }
    int result = table[stage].run(stages->requester, stages->dlq->connection, stages->retirements,
                                  chosen, error);
    for (size_t i = 0; i < chosen; i++) {
        struct decision *item = &items[of[i]];
        enum retire_outcome original = stages->retirements[i].outcome;
        table[stage].note(item, original);
        log_original(stages->dlq, item, stage, original);
    }
    return result;
}
