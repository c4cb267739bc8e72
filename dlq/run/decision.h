/* decision: one waiting letter on its way through the decider's stages: what it says, its fate, and
 * what is known of its original, the dead job in the origin. Pure.
 *
 * The order of the stages keeps every job (Decide in docs/architecture.md):
 *   1. check     whether the original is alive again; if so, only 7 and 8 follow
 *   2. body      for a letter by reference, read from the original
 *   3. handler   if there is one; it decides the fate
 *   4. retire    before the put-back, if the letter holds the body: a full origin then has room
 *   5. send      the put-back, or the copy among the held letters; confirmed
 *   6. retire    after the fate is confirmed, in all other cases; but the original of a held letter
 *                by reference stays, since only it has the body
 *   7. recheck   whether an original that was alive still is
 *   8. settle    acknowledge the letter; it is redelivered if a stage failed for it */
#ifndef NATSQ_DECISION_H
#define NATSQ_DECISION_H

#include "letter/retire.h"
#include "nats/puback.h"
#include "run/fate.h"

struct decision {
    const struct job *message; /* the letter as delivered; borrowed */
    const char *fault;         /* why it cannot be read, or NULL */
    struct letter letter;
    struct verdict verdict; /* of the handler; without a reason unless it failed */
    bool is_new;            /* not redelivered to us: it has not been logged yet */
    enum fate fate;
    const struct job *body; /* the letter, or the original of a letter by reference */
    bool original_is_gone;  /* there is nothing to retire */
    bool is_deferred;       /* a stage failed for it: it is redelivered */
    struct puback outcome;  /* the outcome of the put-back, or of storing the held copy */
};

struct decision_rule {
    const char *origin;
    int64_t retries;
    bool has_handler; /* it decides unless fate_must_hold */
};

/* Reads the message. The first fate follows from the letter alone. */
void decision_begin(struct decision *decision, const struct job *message,
                    const struct decision_rule *rule);

/* Which stages the letter passes. */
bool decision_needs_check(const struct decision *decision);
bool decision_needs_body(const struct decision *decision);
bool decision_retires_before(const struct decision *decision);
bool decision_retires_after(const struct decision *decision);
bool decision_needs_recheck(const struct decision *decision);

/* What a stage found out about the original. */
void decision_note_check(struct decision *decision, enum retire_outcome original);
void decision_note_retirement(struct decision *decision, enum retire_outcome original);
void decision_note_recheck(struct decision *decision, enum retire_outcome original);

/* Whether it no longer waits until its original is removed: it stays in the origin. */
bool decision_gives_up_retiring(const struct decision *decision);

/* Whether a stream refused what its fate sends there. */
bool decision_is_refused(const struct decision *decision);

/* Whether the letter may be acknowledged. */
bool decision_is_settled(const struct decision *decision);

#endif
