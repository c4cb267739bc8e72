#include "tables/letter_cells.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WHOLE = 1024, BODY_SHOWN = TEXT_SHOWN };

/* `drop`, `enough` and `least` as in struct table_column; `enough` 0: the column is never cut. */
static const struct {
    const char *head;
    size_t width, enough, least;
    int drop;
    bool is_number;
} columns[LETTER_COLUMNS] = {
    [COLUMN_SEQ] = {"SEQ", 8, 0, 0, 0, false},
    [COLUMN_STATE] = {"STATE", 9, 0, 0, 2, false},
    [COLUMN_AGE] = {"AGE", 6, 0, 0, 0, false},
    [COLUMN_DIED] = {"DIED", 20, 0, 0, 0, false},
    [COLUMN_STORED] = {"STORED", 20, 0, 0, 0, false},
    [COLUMN_SUBJECT] = {"SUBJECT", 16, 20, 8, 1, false},
    [COLUMN_CONSUMER] = {"CONSUMER", 16, 16, 8, 0, false},
    [COLUMN_TRIES] = {"TRIES", 5, 0, 0, 3, true},
    [COLUMN_RETRIES] = {"RETRIES", 7, 0, 0, 4, true},
    [COLUMN_REASON] = {"REASON", 14, 16, 6, 0, false},
    [COLUMN_ERROR] = {"ERROR", 40, 32, 0, 0, false},
    [COLUMN_HOST] = {"HOST", 12, 16, 6, 0, false},
    [COLUMN_JOB_ID] = {"JOB_ID", 16, 24, 8, 0, false},
    [COLUMN_SIZE] = {"SIZE", 8, 0, 0, 0, true},
    [COLUMN_BODY] = {"BODY", 40, 32, 0, 0, false},
};

const char *letter_cell_head(enum letter_column column)
{
    return columns[column].head;
}

bool letter_cell_is_number(enum letter_column column)
{
    return columns[column].is_number;
}

size_t letter_cell_width(enum letter_column column)
{
    return columns[column].width;
}

struct table_column letter_cell_layout(enum letter_column column)
{
    bool is_cut = columns[column].enough > 0;
    return (struct table_column){.natural = strlen(columns[column].head),
                                 .enough = is_cut ? columns[column].enough : SIZE_MAX,
                                 .least = is_cut ? columns[column].least : SIZE_MAX,
                                 .drop = columns[column].drop};
}

static const char *escape(const char *bytes, size_t length, size_t most, char *text)
{
    return text_escape_most(bytes ? bytes : "", bytes ? length : 0, most, text);
}

static const char *whole(const char *shown, char *text)
{
    return escape(shown, shown ? strlen(shown) : 0, WHOLE, text);
}

/* An unreadable letter has neither. */
static const char *number(const struct letter_entry *entry, uint64_t n, char text[LETTER_CELL_MAX])
{
    if (entry->fault)
        return strcpy(text, "-");
    snprintf(text, LETTER_CELL_MAX, "%" PRIu64, n);
    return text;
}

static const char *size_of(const struct letter_entry *entry, char text[LETTER_CELL_MAX])
{
    size_t length;
    job_body(&entry->message, &length);
    if (entry->letter.by_reference)
        return strcpy(text, "-");
    snprintf(text, LETTER_CELL_MAX, "%zu", length);
    return text;
}

static const char *body_of(const struct letter_entry *entry, char text[LETTER_CELL_MAX])
{
    size_t length;
    const char *body = job_body(&entry->message, &length);
    if (entry->letter.by_reference)
        return strcpy(text, "(in the origin)");
    return escape(body, length, BODY_SHOWN, text);
}

const char *letter_cell_text(enum letter_column column, const struct letter_entry *entry,
                             int64_t now, char text[LETTER_CELL_MAX])
{
    const struct letter *letter = &entry->letter;
    switch (column) {
    case COLUMN_SEQ:
        return letter_entry_name(entry, text);
    case COLUMN_STATE:
        return letter_entry_state(entry);
    case COLUMN_AGE:
        return duration_age_text(now - letter->died_at, text);
    case COLUMN_DIED:
        return timestamp_format(letter->died_at, 0, text);
    case COLUMN_STORED:
        return entry->fault ? strcpy(text, "-") : timestamp_format(letter->stored_at, 0, text);
    case COLUMN_SUBJECT:
        return whole(entry->fault ? job_subject(&entry->message) : letter->subject, text);
    case COLUMN_CONSUMER:
        return whole(letter->consumer, text);
    case COLUMN_TRIES:
        return number(entry, letter->deliveries, text);
    case COLUMN_RETRIES:
        return number(entry, letter->retries, text);
    case COLUMN_REASON:
        return whole(letter->reason, text);
    case COLUMN_ERROR:
        return whole(entry->fault ? entry->fault : letter->error, text);
    case COLUMN_HOST:
        return whole(letter->host, text);
    case COLUMN_JOB_ID:
        return whole(letter->job_id, text);
    case COLUMN_SIZE:
        return size_of(entry, text);
    case COLUMN_BODY:
        return body_of(entry, text);
    case LETTER_COLUMNS:
        break;
    }
    return "";
}

const char *letter_reason_colour(const char *reason)
{
    static const struct {
        const char *begin, *colour;
    } colours[] = {
        {"exit ", "31"},    {"failed", "31"},         {"signal ", "91"},    {"timeout ", "33"},
        {"hopeless", "35"}, {"max deliveries", "36"}, {LETTER_SWEPT, "34"}, {"unreadable", "7"},
    };
    for (size_t i = 0; reason && i < sizeof colours / sizeof colours[0]; i++)
        if (strncmp(reason, colours[i].begin, strlen(colours[i].begin)) == 0)
            return colours[i].colour;
    return NULL;
}
