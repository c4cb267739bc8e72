#include "run/retire_stages.h"

#include "dlq.h"
#include "letter/letter_fields.h"
#include "letters/originals.h"

#include <inttypes.h>

static const struct {
    bool (*is_chosen)(const struct decision *decision);
    bool only_looks;
    void (*note)(struct decision *decision, enum retire_outcome original);
} stages[] = {
    [STAGE_CHECK] = {decision_needs_check, true, decision_note_check},
    [STAGE_RETIRE_BEFORE] = {decision_retires_before, false, decision_note_retirement},
    [STAGE_RETIRE_AFTER] = {decision_retires_after, false, decision_note_retirement},
    [STAGE_RECHECK] = {decision_needs_recheck, true, decision_note_recheck},
};

/* The batch at one stage. */
struct stage_batch {
    const struct dlq *dlq;
    enum retire_stage stage;
    struct decision *decisions;
};

static void log_original(const struct dlq *dlq, const struct decision *decision,
                         enum retire_stage stage, enum retire_outcome original)
{
    if (stage == STAGE_RECHECK || (stage == STAGE_CHECK && decision->fate != FATE_JOB_ALIVE))
        return;
    if (original == RETIRE_ALIVE)
        log_letter(dlq->log, LOG_LEVEL_WARN, &decision->letter,
                   "# %" PRIu64 " is alive again in %s and stays there%s", decision->letter.seq,
                   decision->letter.origin,
                   decision->fate == FATE_JOB_ALIVE ? ": its letter is settled" : "");
    else if (original == RETIRE_LATER && decision_gives_up_retiring(decision))
        log_letter(dlq->log, LOG_LEVEL_WARN, &decision->letter,
                   "# %" PRIu64 " cannot be removed from %s and stays there", decision->letter.seq,
                   decision->letter.origin);
}

static const struct letter *choose(void *closure, size_t i)
{
    const struct stage_batch *batch = closure;
    const struct decision *decision = &batch->decisions[i];
    return stages[batch->stage].is_chosen(decision) ? &decision->letter : NULL;
}

static void note(void *closure, size_t i, enum retire_outcome original)
{
    const struct stage_batch *batch = closure;
    struct decision *decision = &batch->decisions[i];
    stages[batch->stage].note(decision, original);
    log_original(batch->dlq, decision, batch->stage, original);
}

int retire_stages_run(const struct dlq *dlq, struct requester *requester, enum retire_stage stage,
                      struct decision *decisions, size_t n, struct error *error)
{
    struct stage_batch batch = {dlq, stage, decisions};
    const struct retire_step step = {choose, stages[stage].only_looks, note};
    return retire_step_run(&step, &batch, n, requester, error);
}
