#include "dlq_help.h"

#include "verb.h"

#include <stdio.h>

const char dlq_usage[] =
    "DLQ_STREAM ORIGIN_STREAM [VERB [SEQ[-SEQ]...] [FILE]] [options] [-- COMMAND [ARG...]]";

const char *dlq_summary(const struct verb *verbs, char text[DLQ_SUMMARY_MAX])
{
    char help[DLQ_SUMMARY_MAX - 512];
    snprintf(text, DLQ_SUMMARY_MAX,
             "Looks after the jobs of ORIGIN_STREAM that used up their attempts. The verbs:\n"
             "%sSEQ is the job's sequence in ORIGIN_STREAM, as `list` and the consumer's log\n"
             "show it.",
             verb_help(verbs, help, sizeof help));
    return text;
}

const char dlq_notes[] =
    "The variables NATSQ_DLQ and NATSQ_ORIGIN, both set, stand in for DLQ_STREAM and ORIGIN_STREAM "
    "when the first word is a VERB, or there is none. (A stream that is called like a verb: give "
    "both names and a verb.)\n"
    "Several `run` share the load. SIGINT or SIGTERM ends it after the jobs in flight; a second "
    "signal ends it immediately. A DLQ stream without the letter subjects works too: jobs are then "
    "put back directly from the server's advisories, and nothing can be held.\n"
    "A verb that changes something needs a selection, and asks first. A verb that was interrupted "
    "at any point does the rest when it is run again.\n"
    "A reader of stdout that is gone (list | head) is no error.\n";

const char dlq_examples[] =
    "  dlq orders_unprocessed orders_stream\n"
    "  dlq orders_unprocessed orders_stream run --retries 3\n"
    "  dlq orders_unprocessed orders_stream -- ./repair.sh\n"
    "  dlq orders_unprocessed orders_stream list --header 'Tenant: acme*'\n"
    "  dlq orders_unprocessed orders_stream list --state announced --newer-than 1h\n"
    "  dlq orders_unprocessed orders_stream list --columns seq,age,body --utc\n"
    "  dlq orders_unprocessed orders_stream list --json --body '*4711*'\n"
    "  dlq orders_unprocessed orders_stream watch\n"
    "  dlq orders_unprocessed orders_stream show 12\n"
    "  dlq orders_unprocessed orders_stream retry --reason 'timeout *' --rate 50\n"
    "  dlq orders_unprocessed orders_stream edit 12\n"
    "  dlq orders_unprocessed orders_stream retry 12 --body new.json -H 'Rank: 2'\n"
    "  dlq orders_unprocessed orders_stream discard 12-40 --dry-run\n"
    "  dlq orders_unprocessed orders_stream export --older-than 30d old.natsq\n"
    "  dlq orders_unprocessed orders_stream import old.natsq --yes\n"
    "  dlq orders_unprocessed orders_stream doctor\n"
    "  NATSQ_DLQ=orders_unprocessed NATSQ_ORIGIN=orders_stream dlq list\n";
