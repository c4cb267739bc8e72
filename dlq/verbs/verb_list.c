#include "verbs/verbs.h"

#include "base/clock.h"
#include "base/duration.h"
#include "dlq.h"
#include "letters/letter_body.h"
#include "letters/letter_reader.h"
#include "tables/letter_table.h"
#include "tables/listing.h"

#include <jansson.h>
#include <stdio.h>

/* The first letters are shown no later than this, even if they do not fill a screen. */
static const int64_t patience = 300 * DURATION_MS;

/* Takes ownership of the entry. */
static void print_row(struct letter_table *table, struct letter_reader *reader,
                      struct letter_entry *entry)
{
    bool kept_back = letter_table_keeps_back(table);
    letter_table_add(table, entry);
    if (!kept_back && letter_table_keeps_back(table))
        letter_reader_pause_at(reader, clock_now() + patience);
}

static int print_json(struct dlq *dlq, struct letter_entry *entry, struct error *error)
{
    struct stored_message original = {0};
    const struct job *body;
    int result =
        letter_body_find(dlq->requester, &entry->letter, &entry->message, &original, &body, error);
    if (result == 0) {
        json_t *object = listing_letter_json(entry);
        letter_body_add_json(object, &entry->letter, &entry->message, body);
        listing_print_json(object);
    }
    stored_messages_clear(&original, 1);
    letter_entry_clear(entry);
    return result;
}

/* The next letter may take a while: the server counts the matches. */
static int print_each(struct dlq *dlq, struct letter_reader *reader, struct letter_table *table,
                      struct error *error)
{
    struct letter_entry entry;
    bool shown = false;
    for (int result; (result = letter_reader_next(reader, &entry, error)) != 1;) {
        if (result < 0 || (result == 0 && dlq->options->json && print_json(dlq, &entry, error) < 0))
            return -1;
        if (result == 0 && !dlq->options->json)
            print_row(table, reader, &entry);
        else if (result == 2)
            letter_table_flush(table);
        if ((!shown || result == 2) && listing_end(error) < 0)
            return -1;
        shown = true;
        if (ferror(stdout))
            break;
    }
    return 0;
}

int verb_list(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    _cleanup_(cleanup_letter_table) struct letter_table *table = NULL;
    if (letter_table_open(&table, dlq, error) < 0 ||
        letter_reader_open(&reader, dlq, READ_ALL | listing_progress(), error) < 0 ||
        print_each(dlq, reader, table, error) < 0)
        return -1;
    if (!dlq->options->json)
        letter_table_end(table);
    return listing_end_whole(error) < 0 ? -1 : letter_reader_check_seqs(reader, error);
}
