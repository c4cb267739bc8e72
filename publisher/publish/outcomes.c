#include "publish/outcomes.h"

#include "nats/nats_cleanup.h"
#include "nats/nats_error.h"
#include "publish/job_message.h"
#include "source/source.h"

#include <sodium.h>

static const char *generate_prefix(struct outcomes *outcomes)
{
    unsigned char random[OUTCOMES_RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    return sodium_bin2hex(outcomes->generated_prefix, sizeof outcomes->generated_prefix, random,
                          sizeof random);
}

int outcomes_open(struct outcomes *outcomes, const struct log *log, const struct source *source,
                  const struct publisher_options *options, struct error *error)
{
    *outcomes = (struct outcomes){.options = options};
    if (sodium_init() < 0)
        return error_set(error, EX_SOFTWARE, "cannot initialize libsodium");
    outcomes->id_prefix = options->id_prefix ? options->id_prefix : generate_prefix(outcomes);
    if (options->checkpoint &&
        checkpoint_open(&outcomes->checkpoint, options, outcomes->id_prefix, error) < 0)
        return -1;
    if (options->checkpoint)
        outcomes->id_prefix = checkpoint_prefix(outcomes->checkpoint);
    if (options->failed && failed_file_open(&outcomes->failed, options->failed, error) < 0)
        return -1;
    report_begin(&outcomes->report, log, source);
    return 0;
}

void outcomes_close(struct outcomes *outcomes)
{
    failed_file_close(outcomes->failed);
    checkpoint_close(outcomes->checkpoint);
}

static const char *fault_of(struct outcomes *outcomes, const struct source_item *item)
{
    if (item->fault || item->oversize)
        return item->fault;
    if (!job_message_subject(item, outcomes->options))
        return "it has no \"subject\", and no SUBJECT is given";
    if (outcomes->options->id && outcomes->is_id_used)
        return "--id is for one job, and this is another";
    outcomes->is_id_used = true;
    return NULL;
}

static void report_fault(struct outcomes *outcomes, const struct source_item *item,
                         const char *fault)
{
    report_bad_input(&outcomes->report, item->number, fault);
    if (outcomes->failed && outcomes->options->source == SOURCE_JSONL)
        failed_file_add_line(outcomes->failed, item->raw, item->raw_length);
}

bool outcomes_reject(struct outcomes *outcomes, const struct source_item *item)
{
    const char *fault = fault_of(outcomes, item);
    if (fault)
        report_fault(outcomes, item, fault);
    else if (item->oversize)
        report_job(&outcomes->report, item->number, &(struct puback){.kind = PUBACK_TOO_LARGE});
    return fault || item->oversize;
}

void outcomes_settle(struct outcomes *outcomes, uint64_t number, const struct puback *outcome,
                     natsMsg *message)
{
    report_job(&outcomes->report, number, outcome);
    checkpoint_settle(outcomes->checkpoint, number,
                      puback_confirms(outcome)   ? CHECKPOINT_CONFIRMED
                      : puback_is_final(outcome) ? CHECKPOINT_REFUSED
                                                 : CHECKPOINT_FAILED);
    if (!puback_confirms(outcome) && outcomes->failed)
        failed_file_add(outcomes->failed, message);
}

static int save(struct outcomes *outcomes, const struct source_item *item, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (!outcomes->failed)
        return 0;
    natsStatus s = natsMsg_Create(&message, job_message_subject(item, outcomes->options), NULL,
                                  item->body, (int)item->length);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot create a message");
    if (job_message_set_headers(message, item, outcomes->options, outcomes->id_prefix, error) < 0)
        return -1;
    failed_file_add(outcomes->failed, message);
    return 0;
}

int outcomes_unsent(struct outcomes *outcomes, const struct source_item *item, struct error *error)
{
    outcomes->report.unsent++;
    return save(outcomes, item, error);
}

int outcomes_no_stream(struct outcomes *outcomes, const struct source_item *item,
                       struct error *error)
{
    struct puback outcome = {.kind = PUBACK_NO_STREAM};
    snprintf(outcome.description, sizeof outcome.description, "for the subject '%.150s'",
             item->subject);
    report_job(&outcomes->report, item->number, &outcome);
    return save(outcomes, item, error);
}

int outcomes_save_rest(struct outcomes *outcomes, struct source_item *item, struct error *error)
{
    int skip = checkpoint_skip(outcomes->checkpoint, item, error);
    if (skip != 0)
        return skip < 0 ? -1 : 0;
    return outcomes_reject(outcomes, item) ? 0 : outcomes_unsent(outcomes, item, error);
}

int outcomes_end(struct outcomes *outcomes, int result, bool lookup_denied, struct error *error)
{
    struct error later;
    if (checkpoint_write(outcomes->checkpoint, true, result < 0 ? &later : error) < 0)
        result = -1;
    const struct report_run run = {
        .reached_end = result == 0,
        .remaining = source_remaining(outcomes->report.source),
        .lookup_denied = lookup_denied,
        .id_prefix = outcomes->id_prefix,
        .failed = outcomes->failed,
    };
    int end = report_end(&outcomes->report, &run, result < 0 ? &later : error);
    if (outcomes->failed && failed_file_finish(outcomes->failed, result < 0 ? &later : error) < 0)
        end = -1;
    return result < 0 ? -1 : end;
}
