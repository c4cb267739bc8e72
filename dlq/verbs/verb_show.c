#include "verbs/verbs.h"

#include "base/stop.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/job_content.h"
#include "letters/letter_body.h"
#include "letters/letter_reader.h"
#include "tables/listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static void print_text(const char *name, const char *text)
{
    char shown[TEXT_MAX];
    if (text)
        printf("%-9s %s\n", name, text_escape(text, strlen(text), shown));
}

static void print_time(const char *name, int64_t time)
{
    char text[TIMESTAMP_TEXT_MAX];
    printf("%-9s %s\n", name, timestamp_format(time, 3, text));
}

static void print_fields(const struct letter_entry *entry)
{
    const struct letter *letter = &entry->letter;
    char name[24];
    printf("%-9s %s\n%-9s %s\n", "seq", letter_entry_name(entry, name), "state",
           letter_entry_state(entry));
    print_text("letter",
               entry->state == LETTER_ANNOUNCED
                   ? "none yet: an advisory names the job, and `run` or `hold` collects it"
                   : job_subject(&entry->message));
    if (entry->fault) {
        print_text("fault", entry->fault);
        return;
    }
    print_text("subject", letter->subject);
    print_text("consumer", letter->consumer);
    print_time("stored", letter->stored_at);
    print_time("died", letter->died_at);
    printf("%-9s %" PRIu64 "\n%-9s %" PRIu64 "\n", "tries", letter->deliveries, "retries",
           letter->retries);
    print_text("reason", letter->reason);
    print_text("error", letter->error);
    print_text("host", letter->host);
    print_text("job id", letter->job_id);
}

static void print_all(const struct letter_entry *entry, const struct job *body)
{
    size_t length;
    print_fields(entry);
    printf("\nheaders\n");
    job_content_print_headers(&entry->message);
    if (!body) {
        printf("\nbody: gone with the original\n");
        return;
    }
    bool is_in_origin = body != &entry->message || entry->state == LETTER_ANNOUNCED;
    const char *bytes = job_body(body, &length);
    printf("\nbody, %zu byte%s%s\n", length, length == 1 ? "" : "s",
           is_in_origin ? ", from the origin" : "");
    job_content_print(bytes, length);
}

static void print_json(const struct letter_entry *entry, const struct job *body)
{
    json_t *object = listing_letter_json(entry);
    letter_body_add_json(object, &entry->letter, &entry->message, body);
    listing_print_json(object);
}

static int print_letter(struct dlq *dlq, struct letter_entry *entry, struct error *error)
{
    struct stored_message original = {0};
    const struct job *body;
    size_t length;
    int result =
        letter_body_find(dlq->requester, &entry->letter, &entry->message, &original, &body, error);
    if (result == 0 && dlq->options->raw && !body)
        result = error_set(error, EX_UNAVAILABLE, "the body is gone with the original");
    else if (result == 0 && dlq->options->raw) {
        const char *bytes = job_body(body, &length);
        fwrite(bytes, 1, length, stdout);
    } else if (result == 0 && dlq->options->json)
        print_json(entry, body);
    else if (result == 0)
        print_all(entry, body);
    stored_messages_clear(&original, 1);
    return result;
}

/* Counts the letters in `*n`. */
static int print_each(struct dlq *dlq, struct letter_reader *reader, uint64_t *n,
                      struct error *error)
{
    struct letter_entry entry;
    int result;
    for (; (result = letter_reader_next(reader, &entry, error)) == 0; ++*n) {
        if (dlq->options->raw && *n == 1)
            result = error_set(error, EX_USAGE,
                               "--raw shows one body, but several letters match: the first was "
                               "shown");
        else if (*n > 0 && !dlq->options->json)
            printf("\n%s\n\n", "----");
        if (result == 0)
            result = print_letter(dlq, &entry, error);
        letter_entry_clear(&entry);
        if (result < 0)
            return -1;
    }
    return result < 0 ? -1 : 0;
}

int verb_show(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    uint64_t n = 0;
    if (letter_reader_open(&reader, dlq, READ_ALL, error) < 0 ||
        print_each(dlq, reader, &n, error) < 0)
        return -1;
    if (listing_end_whole(error) < 0 || letter_reader_check_seqs(reader, error) < 0)
        return -1;
    if (n == 0 && !stop_requested())
        return error_set(error, EX_UNAVAILABLE, "no letter in %s matches (see `list`)",
                         dlq->options->stream);
    return 0;
}
