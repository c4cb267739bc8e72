#include "tables/listing.h"

#include "base/output.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *escape(const char *text, char escaped[TEXT_MAX])
{
    return text_escape(text ? text : "", text ? strlen(text) : 0, escaped);
}

json_t *listing_text_json(const char *text)
{
    char escaped[TEXT_MAX];
    if (!text)
        return NULL;
    return text_is_utf8(text, strlen(text)) ? json_string(text)
                                            : json_string(escape(text, escaped));
}

json_t *listing_identity_json(const struct letter_entry *entry)
{
    if (entry->fault)
        return json_pack("{s:n, s:I}", "seq", "dlq_seq", (json_int_t)entry->letter.seq);
    return json_pack("{s:I, s:o, s:o}", "seq", (json_int_t)entry->letter.seq, "subject",
                     listing_text_json(entry->letter.subject), "consumer",
                     listing_text_json(entry->letter.consumer));
}

json_t *listing_letter_json(const struct letter_entry *entry)
{
    const struct letter *letter = &entry->letter;
    char died[TIMESTAMP_TEXT_MAX], stored[TIMESTAMP_TEXT_MAX];
    json_t *object = listing_identity_json(entry);
    json_object_set_new(object, "state", json_string(letter_entry_state(entry)));
    json_object_set_new(object, "reason", listing_text_json(letter->reason));
    if (entry->fault) {
        json_object_set_new(object, "fault", json_string(entry->fault));
        return object;
    }
    json_t *rest = json_pack(
        "{s:s, s:s, s:I, s:I, s:o*, s:o*, s:o*}", "died",
        timestamp_format(letter->died_at, 9, died), "stored",
        timestamp_format(letter->stored_at, 9, stored), "tries", (json_int_t)letter->deliveries,
        "retries", (json_int_t)letter->retries, "error", listing_text_json(letter->error), "host",
        listing_text_json(letter->host), "job_id", listing_text_json(letter->job_id));
    json_object_update_new(object, rest);
    return object;
}

void listing_print_json(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(object);
}

unsigned listing_progress(void)
{
    return isatty(STDOUT_FILENO) ? 0 : READ_WITH_PROGRESS;
}

bool listing_has_no_reader(void)
{
    struct pollfd pipe = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&pipe, 1, 0) > 0 && pipe.revents & POLLERR;
}

int listing_end(struct error *error)
{
    struct error failure;
    if (output_flush(&failure) == 0 || listing_has_no_reader())
        return 0;
    *error = failure;
    return -1;
}

int listing_end_whole(struct error *error)
{
    if (listing_end(error) < 0)
        return -1;
    return stop_requested()
               ? error_set(error, EX_TEMPFAIL, "stopped before the end: the output is not complete")
               : 0;
}
