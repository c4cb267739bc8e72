#include "verb.h"

#include "browse.h"
#include "letter.h"
#include "text.h"
#include "timestamp.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char row_format[] = "%-8s %-7s %-16s %-20s %5s %7s %-14s %s\n";

static void print_row(const char *state, const struct letter *letter)
{
    char seq[24], tries[24], retries[24], died[TIMESTAMP_TEXT_MAX];
    snprintf(seq, sizeof seq, "%" PRIu64, letter->seq);
    snprintf(tries, sizeof tries, "%" PRIu64, letter->deliveries);
    snprintf(retries, sizeof retries, "%" PRIu64, letter->retries);
    printf(row_format, seq, state, letter->subject, timestamp_format(letter->died_at, 0, died),
           tries, retries, letter->reason, letter->error ? letter->error : "");
}

static void print_json(const char *state, const struct letter *letter)
{
    char died[TIMESTAMP_TEXT_MAX];
    json_t *object = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s*}", "seq", (json_int_t)letter->seq, "state",
        state, "subject", letter->subject, "consumer", letter->consumer, "died",
        timestamp_format(letter->died_at, 9, died), "tries", (json_int_t)letter->deliveries,
        "retries", (json_int_t)letter->retries, "reason", letter->reason, "error", letter->error);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* One that cannot be read is listed by its sequence in the DLQ stream, with a mark. */
static void print_unreadable(bool json, const char *state, const struct job *message,
                             const char *subject)
{
    char seq[24], shown[TEXT_MAX];
    snprintf(seq, sizeof seq, "_%" PRIu64, message->delivery.seq);
    if (json)
        printf("{\"seq\":null,\"state\":\"%s\",\"dlq_seq\":%" PRIu64
               ",\"reason\":\"unreadable\"}\n",
               state, message->delivery.seq);
    else
        printf(row_format, seq, state, text_escape(subject, strlen(subject), shown), "-", "-", "-",
               "unreadable", "");
}

static int list_state(struct dlq *dlq, const char *state, struct error *error)
{
    _cleanup_(cleanup_browse) struct browse *browse = NULL;
    char filter[640];
    snprintf(filter, sizeof filter, "natsq.%s.%s.>", state, dlq->options->origin);
    if (browse_open(&browse, dlq->connection, dlq->options->stream, filter, error) < 0)
        return -1;
    const char *shown = strcmp(state, LETTER_DEAD) == 0 ? "waiting" : "held";
    for (;;) {
        struct job message = {0};
        struct letter letter;
        const char *subject;
        int result = browse_next(browse, &message, &subject, error);
        if (result != 0)
            return result < 0 ? -1 : 0;
        if (letter_read(&letter, &message))
            print_unreadable(dlq->options->json, shown, &message, subject);
        else if (dlq->options->json)
            print_json(shown, &letter);
        else
            print_row(shown, &letter);
        job_clear(&message);
    }
}

int verb_list(struct dlq *dlq, struct error *error)
{
    if (!dlq->options->json)
        printf(row_format, "SEQ", "STATE", "SUBJECT", "DIED", "TRIES", "RETRIES", "REASON",
               "ERROR");
    if (dlq->has_dead && list_state(dlq, LETTER_DEAD, error) < 0)
        return -1;
    if (dlq->has_held && list_state(dlq, LETTER_HELD, error) < 0)
        return -1;
    if (fflush(stdout) != 0)
        return error_set(error, EX_IOERR, "cannot write the list");
    return 0;
}
