#include "verbs/verbs.h"

#include "bulk/bulk_action.h"
#include "bulk/letter_retrier.h"
#include "dlq.h"
#include "streams/settings_watch.h"

static int retry_batch(void *closure, struct letter_entry *entries, size_t n,
                       struct action_report *report, struct error *error)
{
    return letter_retrier_run(closure, entries, n, report, error);
}

int verb_retry(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_letter_retrier) struct letter_retrier *retrier = NULL;
    _cleanup_(cleanup_free) char *body = NULL;
    struct job_edit edit;
    if (edit_options_read(&dlq->options->edit, &edit, &body, error) < 0 ||
        letter_retrier_open(&retrier, dlq, dlq->settings->origin_config, &edit, error) < 0)
        return -1;
    const struct bulk_action action = {.verb = "retry",
                                       .did = "retried",
                                       .already = "back already",
                                       .states = READ_HELD,
                                       .most = letter_retrier_batch(retrier),
                                       .batch = retry_batch,
                                       .closure = retrier};
    return bulk_action_run(dlq, &action, error);
}
