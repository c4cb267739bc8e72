/* breaker: when a worker stops taking jobs because too many attempts fail, and when it tries again.
 * Pure: the time is an argument (clock.h, ns).
 *
 * Closed, it counts the last attempts. Once too many of them failed it opens: after a wait one job
 * is tried as a probe. A probe that fails doubles the wait; one that succeeds closes the breaker,
 * which then counts from the beginning. */
#ifndef NATSQ_BREAKER_H
#define NATSQ_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The last attempts that count: 20, or as many as the rule's failures. */
enum { BREAKER_WINDOW = 20, BREAKER_FAILURES_MAX = 1000 };

struct breaker_rule {
    size_t failures; /* opens once this many of the last attempts failed; 0: see percent */
    size_t percent;  /* opens once this share of a full window failed; 0 too: never opens */
};

/* Parses "N" or "N%"; false: it is neither, or out of range. */
bool breaker_rule_parse(const char *text, struct breaker_rule *rule);

enum breaker_event { BREAKER_NOTHING, BREAKER_OPENED, BREAKER_SLOWEST, BREAKER_CLOSED };

struct breaker {
    struct breaker_rule rule;
    bool failed[BREAKER_FAILURES_MAX]; /* the last attempts, as a ring */
    size_t next, n_attempts, n_failures;
    bool is_open, is_probing;
    int64_t opened_at, probe_at, wait; /* `wait`: before the probe at probe_at */
    uint64_t probes;                   /* that ended since it opened */
};

void breaker_init(struct breaker *breaker, const struct breaker_rule *rule);

/* An attempt that is not a probe has ended. Those that end while the breaker is open do not count:
 * they began before. */
enum breaker_event breaker_count(struct breaker *breaker, bool has_failed, int64_t now);

/* Whether a probe may begin now; it has then begun. */
bool breaker_probe(struct breaker *breaker, int64_t now);

/* The probe has ended. BREAKER_SLOWEST: the wait has reached its maximum. */
enum breaker_event breaker_end_probe(struct breaker *breaker, bool has_failed, int64_t now);

#endif
