#include "verbs/verbs.h"

#include "base/duration.h"
#include "base/stop.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/letter_counts.h"
#include "letters/letter_groups.h"
#include "letters/letter_reader.h"
#include "letters/listing.h"
#include "letters/normalize_error.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <jansson.h>

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
};

static void stats_close(struct stats *stats)
{
    for (size_t i = 0; i < GROUPINGS; i++)
        json_decref(stats->groups[i]);
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
    if (stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped before all letters were counted");
    return 0;
}

/* {"messages", "bytes", "max_messages", "max_bytes"}, where -1 means no limit. */
static json_t *room_of(struct dlq *dlq, const char *stream, struct error *error)
{
    _cleanup_(json_decrefp) json_t *info = NULL;
    if (stream_look_up(dlq->connection, stream, false, &info, error) != 0)
        return NULL;
    return json_pack("{s:I, s:I, s:I, s:I}", "messages",
                     (json_int_t)stream_number(info, "state", "messages"), "bytes",
                     (json_int_t)stream_number(info, "state", "bytes"), "max_messages",
                     (json_int_t)stream_number(info, "config", "max_msgs"), "max_bytes",
                     (json_int_t)stream_number(info, "config", "max_bytes"));
}

static void print_room(const char *stream, const json_t *room)
{
    static const double mb = 1e6;
    json_int_t bytes = json_integer_value(json_object_get(room, "bytes"));
    json_int_t most = json_integer_value(json_object_get(room, "max_bytes"));
    json_int_t messages = json_integer_value(json_object_get(room, "messages"));
    if (most > 0)
        printf("%s: %lld messages, %.1f of %.1f MB, room for %.1f MB\n", stream, messages,
               (double)bytes / mb, (double)most / mb, (double)(most - bytes) / mb);
    else
        printf("%s: %lld messages, %.1f MB, no limit of its own\n", stream, messages,
               (double)bytes / mb);
}

static void print_stats_json(struct stats *stats, json_t *rooms)
{
    const uint64_t *n = stats->counts.n;
    json_t *object = json_pack("{s:I, s:I, s:I, s:O}", "announced", (json_int_t)n[LETTER_ANNOUNCED],
                               "waiting", (json_int_t)n[LETTER_WAITING], "held",
                               (json_int_t)n[LETTER_HELD], "streams", rooms);
    for (size_t i = 0; i < GROUPINGS; i++)
        if (is_wanted(stats, groupings[i].by))
            json_object_set(object, groupings[i].name, stats->groups[i]);
    listing_print_json(object);
}

static void print_tables(struct stats *stats, json_t *rooms)
{
    const char *stream;
    json_t *room;
    const uint64_t *n = stats->counts.n;
    printf("%" PRIu64 " announced, %" PRIu64 " waiting, %" PRIu64 " held\n", n[LETTER_ANNOUNCED],
           n[LETTER_WAITING], n[LETTER_HELD]);
    json_object_foreach(rooms, stream, room) print_room(stream, room);
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
    json_t *letters = room_of(dlq, dlq->options->stream, error);
    json_t *jobs = letters ? room_of(dlq, dlq->options->origin, error) : NULL;
    json_t *rooms =
        json_pack("{s:o*, s:o*}", dlq->options->stream, letters, dlq->options->origin, jobs);
    bool known = jobs != NULL;
    if (known && dlq->options->json)
        print_stats_json(&stats, rooms);
    else if (known)
        print_tables(&stats, rooms);
    json_decref(rooms);
    return known ? listing_end(error) : -1;
}
