#include "breaker.h"

#include "base/decimal.h"
#include "base/duration.h"

#include <string.h>

static const int64_t first_wait = DURATION_S, longest_wait = DURATION_MINUTE;

bool breaker_rule_parse(const char *text, struct breaker_rule *rule)
{
    uint64_t n;
    if (!decimal_scan(&text, &n) || n < 1)
        return false;
    bool is_percent = strcmp(text, "%") == 0;
    if ((!is_percent && *text) || n > (is_percent ? 100 : BREAKER_FAILURES_MAX))
        return false;
    *rule = (struct breaker_rule){.failures = is_percent ? 0 : n, .percent = is_percent ? n : 0};
    return true;
}

void breaker_init(struct breaker *breaker, const struct breaker_rule *rule)
{
    *breaker = (struct breaker){.rule = *rule};
}

static size_t window(const struct breaker *breaker)
{
    return breaker->rule.failures > BREAKER_WINDOW ? breaker->rule.failures : BREAKER_WINDOW;
}

static void add(struct breaker *breaker, bool has_failed)
{
    if (breaker->n_attempts == window(breaker))
        breaker->n_failures -= breaker->failed[breaker->next];
    else
        breaker->n_attempts++;
    breaker->n_failures += has_failed;
    breaker->failed[breaker->next] = has_failed;
    breaker->next = (breaker->next + 1) % window(breaker);
}

static bool has_too_many(const struct breaker *breaker)
{
    const struct breaker_rule *rule = &breaker->rule;
    if (rule->failures > 0)
        return breaker->n_failures >= rule->failures;
    return rule->percent > 0 && breaker->n_attempts == window(breaker) &&
           breaker->n_failures * 100 >= rule->percent * breaker->n_attempts;
}

enum breaker_event breaker_count(struct breaker *breaker, bool has_failed, int64_t now)
{
    if (breaker->is_open)
        return BREAKER_NOTHING;
    add(breaker, has_failed);
    if (!has_too_many(breaker))
        return BREAKER_NOTHING;
    breaker->is_open = true;
    breaker->probes = 0;
    breaker->opened_at = now;
    breaker->wait = first_wait;
    breaker->probe_at = now + breaker->wait;
    return BREAKER_OPENED;
}

bool breaker_probe(struct breaker *breaker, int64_t now)
{
    if (!breaker->is_open || breaker->is_probing || now < breaker->probe_at)
        return false;
    breaker->is_probing = true;
    return true;
}

enum breaker_event breaker_end_probe(struct breaker *breaker, bool has_failed, int64_t now)
{
    bool was_slowest = breaker->wait == longest_wait;
    breaker->is_probing = false;
    breaker->probes++;
    if (!has_failed) {
        breaker->is_open = false;
        breaker->next = breaker->n_attempts = breaker->n_failures = 0;
        return BREAKER_CLOSED;
    }
    breaker->wait = breaker->wait < longest_wait / 2 ? breaker->wait * 2 : longest_wait;
    breaker->probe_at = now + breaker->wait;
    return breaker->wait == longest_wait && !was_slowest ? BREAKER_SLOWEST : BREAKER_NOTHING;
}
