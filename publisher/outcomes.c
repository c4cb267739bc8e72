#include "outcomes.h"

#include "job_message.h"

#include <sodium.h>

static const char *make_id_prefix(struct account *account)
{
    unsigned char random[ACCOUNT_RANDOM_BYTES];
    randombytes_buf(random, sizeof random);
    return sodium_bin2hex(account->made_up, sizeof account->made_up, random, sizeof random);
}

static int open_checkpoint(struct account *account, struct error *error)
{
    if (checkpoint_open(&account->checkpoint, account->options, account->id_prefix, error) < 0)
        return -1;
    account->id_prefix = checkpoint_prefix(account->checkpoint);
    return 0;
}

int account_open(struct account *account, const struct log *log, const struct source *source,
                 const struct publisher_options *options, struct error *error)
{
    *account = (struct account){.options = options};
    if (sodium_init() < 0)
        return error_set(error, EX_SOFTWARE, "libsodium does not start");
    account->id_prefix = options->id_prefix ? options->id_prefix : make_id_prefix(account);
    if (options->checkpoint && open_checkpoint(account, error) < 0)
        return -1;
    if (options->failed && failed_open(&account->failed, options->failed, error) < 0)
        return -1;
    report_begin(&account->report, log, source);
    return 0;
}

void account_close(struct account *account)
{
    failed_close(account->failed);
    checkpoint_close(account->checkpoint);
}

int account_pass(struct account *account, struct item *item, struct error *error)
{
    return account->checkpoint ? checkpoint_pass(account->checkpoint, item, error) : 0;
}

static const char *fault_of(struct account *account, const struct item *item)
{
    if (item->fault || item->oversize)
        return item->fault;
    if (!dress_subject(item, account->options))
        return "it has no \"subject\", and no SUBJECT is given";
    if (account->options->id && account->id_used)
        return "--id is for one job, and this is another";
    account->id_used = true;
    return NULL;
}

static void take_fault(struct account *account, const struct item *item, const char *fault)
{
    report_bad(&account->report, item->number, fault);
    if (account->failed && account->options->jsonl)
        failed_add_line(account->failed, item->raw, item->raw_length);
}

bool account_is_bad(struct account *account, const struct item *item)
{
    const char *fault = fault_of(account, item);
    if (fault)
        take_fault(account, item, fault);
    else if (item->oversize)
        report_job(&account->report, item->number, &(struct puback){.kind = PUBACK_TOO_LARGE});
    return fault || item->oversize;
}

void account_settle(struct account *account, uint64_t number, const struct puback *outcome,
                    natsMsg *message)
{
    report_job(&account->report, number, outcome);
    if (account->checkpoint)
        checkpoint_settle(account->checkpoint, number,
                          puback_confirms(outcome)   ? CHECKPOINT_CONFIRMED
                          : puback_is_final(outcome) ? CHECKPOINT_REFUSED
                                                     : CHECKPOINT_FAILED);
    if (!puback_confirms(outcome) && account->failed)
        failed_add(account->failed, message);
}

static int keep(struct account *account, const struct item *item, struct error *error)
{
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    if (!account->failed)
        return 0;
    natsStatus s = natsMsg_Create(&message, dress_subject(item, account->options), NULL, item->body,
                                  (int)item->length);
    if (s != NATS_OK)
        return error_nats(error, s, "cannot make a message");
    if (dress_message(message, item, account->options, account->id_prefix, error) < 0)
        return -1;
    failed_add(account->failed, message);
    return 0;
}

int account_leave(struct account *account, const struct item *item, struct error *error)
{
    account->report.left++;
    return keep(account, item, error);
}

int account_fail_stray(struct account *account, const struct item *item, struct error *error)
{
    struct puback outcome = {.kind = PUBACK_NO_STREAM};
    snprintf(outcome.description, sizeof outcome.description, "for the subject '%.150s'",
             item->subject);
    report_job(&account->report, item->number, &outcome);
    return keep(account, item, error);
}

int account_leave_unsent(struct account *account, struct item *item, struct error *error)
{
    int passed = account_pass(account, item, error);
    if (passed != 0)
        return passed < 0 ? -1 : 0;
    return account_is_bad(account, item) ? 0 : account_leave(account, item, error);
}

int account_end(struct account *account, int result, bool is_blind, struct error *error)
{
    struct error later;
    if (account->checkpoint &&
        checkpoint_write(account->checkpoint, true, result < 0 ? &later : error) < 0)
        result = -1;
    const struct report_run ran = {
        .ended = result == 0,
        .unmade = source_unmade(account->report.source),
        .is_blind = is_blind,
        .id_prefix = account->id_prefix,
        .failed = account->failed,
    };
    int end = report_end(&account->report, &ran, result < 0 ? &later : error);
    if (account->failed && failed_finish(account->failed, result < 0 ? &later : error) < 0)
        end = -1;
    return result < 0 ? -1 : end;
}
