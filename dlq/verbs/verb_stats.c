#include "verbs/verbs.h"

#include "base/duration.h"
#include "base/stop.h"
#include "base/terminal.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/letter_counts.h"
#include "letters/letter_reader.h"
#include "streams/queue_look.h"
#include "tables/comma_wrap.h"
#include "tables/letter_groups.h"
#include "tables/listing.h"
#include "tables/normalize_error.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

static const struct grouping {
    enum stats_by by;
    const char *name, *title;
} groupings[] = {
    {BY_REASON, "reason", "REASON"},    {BY_CONSUMER, "consumer", "CONSUMER"},
    {BY_SUBJECT, "subject", "SUBJECT"}, {BY_AGE, "age", "DIED"},
    {BY_ERROR, "error", "ERROR"},
};

enum { GROUPINGS = sizeof groupings / sizeof groupings[0], NORMALIZED_MAX = 1024 };

struct stats {
    int by;
    int64_t now;
    struct letter_counts counts;
    json_t *groups[GROUPINGS];
    struct queue_look look;
};

static void stats_close(struct stats *stats)
{
    for (size_t i = 0; i < GROUPINGS; i++)
        json_decref(stats->groups[i]);
    queue_look_clear(&stats->look);
}

static bool is_wanted(const struct stats *stats, enum stats_by by)
{
    return stats->by == BY_ALL || stats->by == (int)by;
}

static const char *age(int64_t ns)
{
    static const struct {
        int64_t less_than;
        const char *name;
    } ages[] = {{DURATION_HOUR, "less than an hour ago"},
                {24 * DURATION_HOUR, "less than a day ago"},
                {7 * 24 * DURATION_HOUR, "less than a week ago"},
                {30 * 24 * DURATION_HOUR, "less than 30 days ago"}};
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++)
        if (ns < ages[i].less_than)
            return ages[i].name;
    return "longer ago";
}

/* What the letter is counted by. */
static const char *key_of(const struct stats *stats, enum stats_by by, const struct letter *letter,
                          char normalized[NORMALIZED_MAX])
{
    switch (by) {
    case BY_REASON:
        return letter->reason;
    case BY_CONSUMER:
        return letter->consumer ? letter->consumer : "(unreadable)";
    case BY_SUBJECT:
        return letter->subject ? letter->subject : "(unreadable)";
    case BY_AGE:
        return age(stats->now - letter->died_at);
    case BY_ERROR:
        return letter->error ? normalize_error(letter->error, normalized, NORMALIZED_MAX)
                             : "(none)";
    case BY_ALL:
        break;
    }
    return "";
}

static void add(struct stats *stats, const struct letter_entry *entry)
{
    char normalized[NORMALIZED_MAX];
    letter_counts_add(&stats->counts, entry);
    for (size_t i = 0; i < GROUPINGS; i++)
        if (is_wanted(stats, groupings[i].by))
            letter_groups_add(stats->groups[i],
                              key_of(stats, groupings[i].by, &entry->letter, normalized), entry,
                              groupings[i].by == BY_ERROR ? entry->letter.error : NULL);
}

static int count_all(struct dlq *dlq, struct stats *stats, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    struct letter_entry entry;
    if (letter_reader_open(&reader, dlq, READ_ALL | READ_WITH_PROGRESS, error) < 0)
        return -1;
    for (int result; (result = letter_reader_next(reader, &entry, error)) != 1;) {
        if (result < 0)
            return -1;
        add(stats, &entry);
        letter_entry_clear(&entry);
    }
    stats->counts.is_complete = letter_reader_is_complete(reader);
    if (stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped before all letters were counted");
    return letter_reader_check_seqs(reader, error);
}

/* {"messages", "bytes", "max_messages", "max_bytes"}, where -1 means no limit. */
static json_t *room_json(const struct stream_room *room)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "messages", (json_int_t)room->messages, "bytes",
                     (json_int_t)room->bytes, "max_messages", (json_int_t)room->max_messages,
                     "max_bytes", (json_int_t)room->max_bytes);
}

/* Null when there is none, or it is not known. */
static json_t *time_json(int64_t time)
{
    char text[TIMESTAMP_TEXT_MAX];
    return time > 0 ? json_string(timestamp_format(time, 3, text)) : json_null();
}

static json_t *jobs_json(const struct queue_look *look)
{
    struct queue_jobs jobs = queue_look_jobs(look);
    if (!jobs.is_known)
        return json_null();
    return json_pack("{s:I, s:I, s:o}", "pending", (json_int_t)jobs.pending, "in_flight",
                     (json_int_t)jobs.in_flight, "oldest", time_json(jobs.oldest));
}

/* Null when it is not known. */
static json_t *announced_json(const struct letter_counts *counts)
{
    return counts->is_complete ? json_integer((json_int_t)counts->n[LETTER_ANNOUNCED])
                               : json_null();
}

static void print_stats_json(struct stats *stats, const struct dlq_options *options)
{
    const struct letter_counts *counts = &stats->counts;
    json_t *object = json_pack(
        "{s:o, s:I, s:I, s:o, s:o, s:{s:o, s:o}}", "announced", announced_json(counts), "waiting",
        (json_int_t)counts->n[LETTER_WAITING], "held", (json_int_t)counts->n[LETTER_HELD], "oldest",
        time_json(counts->oldest), "jobs", jobs_json(&stats->look), "streams", options->stream,
        room_json(&stats->look.letters), options->origin, room_json(&stats->look.origin));
    for (size_t i = 0; i < GROUPINGS; i++)
        if (is_wanted(stats, groupings[i].by))
            json_object_set(object, groupings[i].name, stats->groups[i]);
    listing_print_json(object);
}

/* Adds ", the oldest DID 3d4h ago", or nothing. */
static void add_oldest(struct buffer *text, int64_t time, int64_t now, const char *did)
{
    char age_text[DURATION_TEXT_MAX];
    if (time > 0)
        buffer_printf(text, ", the oldest %s %s ago", did, duration_age_text(now - time, age_text));
}

static void add_letters(struct buffer *text, const struct stats *stats,
                        const struct selection *selection)
{
    const struct letter_counts *counts = &stats->counts;
    char announced[LETTER_COUNT_TEXT_MAX];
    buffer_printf(text, "letters  %s announced, %" PRIu64 " waiting, %" PRIu64 " held",
                  letter_counts_announced(counts, announced), counts->n[LETTER_WAITING],
                  counts->n[LETTER_HELD]);
    add_oldest(text, counts->oldest, stats->now, "died");
    if (letter_counts_total(counts) == 0 && counts->is_complete)
        buffer_add_text(text,
                        selection_is_empty(selection) ? ": no dead jobs" : ": none is selected");
}

static void add_jobs(struct buffer *text, const struct stats *stats)
{
    struct queue_jobs jobs = queue_look_jobs(&stats->look);
    if (jobs.is_known)
        buffer_printf(text, "jobs     %" PRIu64 " pending, %" PRIu64 " in flight", jobs.pending,
                      jobs.in_flight);
    else
        buffer_add_text(text, "jobs     not known: the origin's consumers may not be read");
    add_oldest(text, jobs.oldest, stats->now, "published");
}

static void add_room(struct buffer *text, const char *what, const char *stream, int width,
                     const struct stream_room *room)
{
    char room_text[STREAM_ROOM_TEXT_MAX];
    buffer_printf(text, "%-9s", what);
    buffer_add_text(text, stream);
    buffer_printf(text, "%*s  ", width - (int)strlen(stream), "");
    buffer_add_text(text, stream_room_text(room, room_text));
}

/* Prints the line, broken where a terminal is narrow, and empties it. */
static void print_line(struct buffer *text, size_t indent)
{
    _cleanup_(buffer_release) struct buffer lines = {0};
    size_t columns = isatty(STDOUT_FILENO) ? terminal_size(STDOUT_FILENO).columns : SIZE_MAX;
    buffer_add(text, "", 1);
    if (!text->failed)
        comma_wrap(text->bytes, columns, indent, &lines);
    if (lines.length > 0)
        fwrite(lines.bytes, 1, lines.length, stdout);
    buffer_reset(text);
}

static void print_tables(struct stats *stats, const struct dlq_options *options)
{
    enum { INDENT = 9 };
    _cleanup_(buffer_release) struct buffer text = {0};
    int width = (int)strlen(options->stream), other = (int)strlen(options->origin);
    width = other > width ? other : width;
    add_letters(&text, stats, &options->selection);
    print_line(&text, INDENT);
    add_jobs(&text, stats);
    print_line(&text, INDENT);
    add_room(&text, "room", options->stream, width, &stats->look.letters);
    print_line(&text, INDENT + (size_t)width + 2);
    add_room(&text, "", options->origin, width, &stats->look.origin);
    print_line(&text, INDENT + (size_t)width + 2);
    for (size_t i = 0; i < GROUPINGS; i++)
        if (is_wanted(stats, groupings[i].by))
            letter_groups_print(stats->groups[i], groupings[i].title);
}

int verb_stats(struct dlq *dlq, struct error *error)
{
    _cleanup_(stats_close) struct stats stats = {.by = dlq->options->by, .now = timestamp_now()};
    for (size_t i = 0; i < GROUPINGS; i++)
        stats.groups[i] = json_object();
    if (count_all(dlq, &stats, error) < 0)
        return -1;
    int result = queue_look_take_whole(&stats.look, dlq, error);
    if (result > 0)
        result = error_set(error, EX_UNAVAILABLE, "cannot look up %s", stats.look.trouble);
    if (result < 0)
        return -1;
    if (dlq->options->json)
        print_stats_json(&stats, dlq->options);
    else
        print_tables(&stats, dlq->options);
    return listing_end(error);
}
