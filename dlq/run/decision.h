/* decision: a waiting letter on its way through the stages of `run`: what it says, what its fate
 * is, and what is known of its original. Pure. */
#ifndef NATSQ_DECISION_H
#define NATSQ_DECISION_H

#include "letter/retire.h"
#include "nats/puback.h"
#include "run/fate.h"

struct decision {
    const struct job *message; /* as it was delivered; the caller's */
    const char *fault;         /* why it cannot be read, or NULL */
    struct letter letter;
    enum fate fate;
    const struct job *body; /* the letter itself, or the original of one by reference */
    bool is_gone;           /* so is its original, for ever: there is nothing to retire */
    bool waits;             /* its original could not be retired or read yet: later */
    struct puback outcome;  /* of the put-back, or of the copy among the held */
};

/* How fates are found. */
struct decision_rule {
    const char *origin;
    int64_t retries;
    bool has_handler; /* which decides what is not sealed */
};

/* Reads the message; its first fate follows from the letter alone. */
void decision_begin(struct decision *decision, const struct job *message,
                    const struct decision_rule *rule);

/* Whether the original may be alive again and nothing else will find out before the letter acts. */
bool decision_needs_look(const struct decision *decision);

/* Whether its body has to be read from the origin. */
bool decision_needs_original(const struct decision *decision);

/* Whether the original is to be retired before, and after, the letter's fate is confirmed. */
bool decision_retires_first(const struct decision *decision);
bool decision_retires_after(const struct decision *decision);

/* What the look, or the removal, says. A letter whose job is alive again is settled. */
void decision_take_look(struct decision *decision, enum retire_outcome original);
void decision_take_removal(struct decision *decision, enum retire_outcome original);

/* A last look before the letter is settled: the job may have died again since, and whoever buried
 * it found this letter there. Unless it is alive still, the letter comes again. */
bool decision_is_alive(const struct decision *decision);
void decision_take_last_look(struct decision *decision, enum retire_outcome original);

/* It has waited too long for its original, which stays there: only the letter counts. */
bool decision_is_late(const struct decision *decision);

/* Whether a stream refused to store it where its fate puts it. */
bool decision_is_refused(const struct decision *decision);

/* Whether the letter may be acknowledged. */
bool decision_is_settled(const struct decision *decision);

#endif
