#include "queue/settings.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/timestamp.h"
#include "queue/dlq_subjects.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
    STREAMS = SETTINGS_ORIGIN | SETTINGS_DLQ,
    STREAMS_AND_DEAD_LETTERING = STREAMS | SETTINGS_DEAD_LETTERING,
    DLQ_AND_DEAD_LETTERING = SETTINGS_DLQ | SETTINGS_DEAD_LETTERING,
};

#define RECREATE                                                                                   \
    "this cannot be changed: stop its workers, remove it, and start them again: "                  \
    "{nats} consumer rm {stream} {consumer} -f"
#define ANOTHER "this cannot be changed: create another stream with {streams}"
#define EDIT_STREAM "{nats} stream edit {stream} -f "
#define EDIT_CONSUMER "{nats} consumer edit {stream} {consumer} -f "

/* Which settings can be changed, and how, was tried with nats-server 2.15 and natscli 0.4. */
static const struct setting table[] = {
    {"headers_only", SETTINGS_DURABLE, SETTINGS_TRUE, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "it delivers messages without their bodies", .fix = EDIT_CONSUMER "--no-headers-only"},
    {"ack_policy", SETTINGS_DURABLE, SETTINGS_IS_NOT, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "with {value} the server counts messages as done without an acknowledgement", .fix = RECREATE,
     .text = "explicit"},
    {"deliver_subject", SETTINGS_DURABLE, SETTINGS_SET, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "it pushes messages to {value}, and they cannot be requested", .fix = RECREATE},
    {"priority_groups", SETTINGS_DURABLE, SETTINGS_SET, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "it delivers only to members of {value}, and natsq joins no group", .fix = RECREATE},
    {"max_batch", SETTINGS_DURABLE, SETTINGS_SET, SETTINGS_ADAPT, SETTINGS_GOOD,
     "natsq requests at most {value} messages at a time", .fix = NULL},
    {"max_expires", SETTINGS_DURABLE, SETTINGS_SET, SETTINGS_ADAPT, SETTINGS_GOOD,
     "natsq's requests end after {value}", .fix = NULL},
    {"max_bytes", SETTINGS_DURABLE, SETTINGS_SET, SETTINGS_ADAPT, SETTINGS_GOOD,
     "natsq counts messages, not bytes, so that one larger than {value} bytes is delivered too",
     .fix = NULL},
    {"deliver_policy", SETTINGS_DURABLE, SETTINGS_IS_NOT, SETTINGS_WARN, SETTINGS_WARNING,
     "with {value} it skips messages that were stored before it was created", .fix = RECREATE,
     .text = "all"},
    {"replay_policy", SETTINGS_DURABLE, SETTINGS_IS, SETTINGS_WARN, SETTINGS_WARNING,
     "it delivers messages at the pace at which they were stored", .fix = RECREATE,
     .text = "original"},
    {"pause_until", SETTINGS_DURABLE, SETTINGS_FUTURE, SETTINGS_WARN, SETTINGS_WARNING,
     "it is paused and delivers nothing until {value}",
     .fix = "{nats} consumer resume {stream} {consumer} -f"},
    {"inactive_threshold", SETTINGS_DURABLE, SETTINGS_SET, SETTINGS_WARN, SETTINGS_WARNING,
     "when no client pulls for {value}, the server deletes it and its count of attempts",
     .fix = RECREATE},
    {"mem_storage", SETTINGS_DURABLE, SETTINGS_TRUE, SETTINGS_WARN, SETTINGS_WARNING,
     "a restart of the server forgets its attempts and acknowledgements", .fix = RECREATE},
    {"no_ack", STREAMS_AND_DEAD_LETTERING, SETTINGS_TRUE, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "the server does not confirm that it stored a message", .fix = EDIT_STREAM "--ack"},
    {"sealed", STREAMS_AND_DEAD_LETTERING, SETTINGS_TRUE, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "nothing can be stored in it or removed from it", .fix = ANOTHER},
    {"mirror", STREAMS, SETTINGS_SET, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "it copies stream {value}, and nothing can be published to it",
     .fix = "use {value} itself, or " EDIT_STREAM "--no-mirror --subjects='SUBJECT'"},
    {"deny_purge", SETTINGS_DLQ, SETTINGS_TRUE, SETTINGS_REFUSE, SETTINGS_CRITICAL,
     "retry and discard cannot remove a held letter",
     .fix = ANOTHER "; {dlq} export and import move the letters"},
    {"subject_transform", DLQ_AND_DEAD_LETTERING, SETTINGS_LETTERS, SETTINGS_REFUSE,
     SETTINGS_CRITICAL, "it stores letters or advisories under different subjects ({value})",
     .fix = EDIT_STREAM "--no-transform"},
    {"subject_transform", SETTINGS_ORIGIN, SETTINGS_SET, SETTINGS_WARN, SETTINGS_WARNING,
     "it stores jobs under subjects other than those they are published to ({value})",
     .fix = EDIT_STREAM "--no-transform"},
    {"retention", STREAMS, SETTINGS_IS, SETTINGS_WARN, SETTINGS_CRITICAL,
     "it is not a work queue: acknowledged messages stay in it", .fix = ANOTHER, .text = "limits"},
    {"retention", STREAMS, SETTINGS_IS, SETTINGS_WARN, SETTINGS_CRITICAL,
     "it is not a work queue: a message that no consumer wants yet is dropped", .fix = ANOTHER,
     .text = "interest"},
    {"max_age", STREAMS, SETTINGS_SET, SETTINGS_WARN, SETTINGS_CRITICAL,
     "messages older than {value} vanish without a trace", .fix = EDIT_STREAM "--max-age=0"},
    {"allow_msg_ttl", SETTINGS_ORIGIN, SETTINGS_TRUE, SETTINGS_WARN, SETTINGS_WARNING,
     "a job with a Nats-TTL header vanishes without a letter",
     .fix = "this cannot be unset: publish without Nats-TTL, or create another stream"},
    {"discard", STREAMS, SETTINGS_IS, SETTINGS_WARN, SETTINGS_CRITICAL,
     "when it is full, it drops its oldest messages", .fix = EDIT_STREAM "--discard=new",
     .text = "old"},
    {"max_msgs_per_subject", SETTINGS_ORIGIN, SETTINGS_SET, SETTINGS_WARN, SETTINGS_CRITICAL,
     "a new job replaces an older one of its subject (it keeps {value})",
     .fix = EDIT_STREAM "--max-msgs-per-subject=-1", .unless = "discard_new_per_subject"},
    {"max_msgs_per_subject", SETTINGS_DLQ, SETTINGS_SET, SETTINGS_WARN, SETTINGS_WARNING,
     "it keeps {value} advisories of a consumer and loses the others",
     .fix = EDIT_STREAM "--max-msgs-per-subject=-1 --no-discard-per-subject"},
    {"storage", STREAMS, SETTINGS_IS, SETTINGS_WARN, SETTINGS_WARNING,
     "a restart of the server empties it", .fix = ANOTHER, .text = "memory"},
    {"allow_rollup_hdrs", STREAMS, SETTINGS_TRUE, SETTINGS_WARN, SETTINGS_WARNING,
     "one message with a Nats-Rollup header removes all others",
     .fix = EDIT_STREAM "--no-allow-rollup"},
    {"allow_direct", STREAMS, SETTINGS_FALSE, SETTINGS_REPORT, SETTINGS_CRITICAL,
     "list and sweep cannot read it", .fix = EDIT_STREAM "--allow-direct"},
    {"deny_delete", STREAMS, SETTINGS_FALSE, SETTINGS_REPORT, SETTINGS_WARNING,
     "anybody may delete single messages", .fix = EDIT_STREAM "--deny-delete"},
};

enum { ROWS = sizeof table / sizeof table[0], BITS = 64 };
_Static_assert((int)ROWS <= (int)BITS, "a bit for each row");

const struct setting *settings_table(size_t *n)
{
    *n = ROWS;
    return table;
}

static bool is_set(const json_t *value)
{
    return json_integer_value(value) > 0 || json_string_length(value) > 0 ||
           json_array_size(value) > 0 || json_object_size(value) > 0;
}

static bool is_future(const json_t *value, int64_t now)
{
    const char *text = json_string_value(value);
    int64_t time;
    return text && timestamp_parse(text, &time) && time > now;
}

/* An empty source means every subject. */
static bool covers_letters(const json_t *transform)
{
    const char *source = json_string_value(json_object_get(transform, "src"));
    if (!json_is_object(transform))
        return false;
    return !source || !*source || dlq_subjects_overlap(NULL, source);
}

static bool applies(const struct setting *setting, const json_t *config, int64_t now)
{
    const json_t *value = json_object_get(config, setting->key);
    const char *text = json_string_value(value);
    if (setting->unless && json_is_true(json_object_get(config, setting->unless)))
        return false;
    switch (setting->test) {
    case SETTINGS_TRUE:
        return json_is_true(value);
    case SETTINGS_FALSE:
        return !json_is_true(value);
    case SETTINGS_SET:
        return is_set(value);
    case SETTINGS_IS:
        return text && strcmp(text, setting->text) == 0;
    case SETTINGS_IS_NOT:
        return text && strcmp(text, setting->text) != 0;
    case SETTINGS_FUTURE:
        return is_future(value, now);
    case SETTINGS_LETTERS:
        return covers_letters(value);
    }
    return false;
}

uint64_t settings_found(enum settings_object object, const json_t *config, int64_t now)
{
    uint64_t found = 0;
    for (size_t i = 0; i < ROWS; i++)
        if ((table[i].objects & object) && applies(&table[i], config, now))
            found |= UINT64_C(1) << i;
    return found;
}

static bool is_duration(const char *key)
{
    static const char *const keys[] = {"max_age", "max_expires", "inactive_threshold"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static void number_text(const char *key, int64_t number, char *text, size_t size)
{
    char duration[DURATION_TEXT_MAX];
    if (is_duration(key))
        snprintf(text, size, "%s", duration_format(number, duration));
    else
        snprintf(text, size, "%" PRId64, number);
}

/* The first item of a list, the stream of a mirror, both sides of a transform. */
static const char *value_text(const char *key, const json_t *value, char *text, size_t size)
{
    const char *name = json_string_value(json_object_get(value, "name"));
    const char *source = json_string_value(json_object_get(value, "src"));
    const char *target = json_string_value(json_object_get(value, "dest"));
    const char *words = json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);
    if (json_is_integer(value))
        number_text(key, json_integer_value(value), text, size);
    else if (target)
        snprintf(text, size, "%s → %s", source && *source ? source : ">", target);
    else
        snprintf(text, size, "%s", words ? words : name ? name : "");
    return text;
}

const char *settings_expand(const struct setting *setting, const char *template, const char *stream,
                            const char *consumer, const json_t *config,
                            char text[SETTINGS_TEXT_MAX])
{
    char value[256];
    value_text(setting->key, json_object_get(config, setting->key), value, sizeof value);
    const struct {
        const char *mark, *words;
    } marks[] = {{"{stream}", stream},
                 {"{consumer}", consumer ? consumer : ""},
                 {"{value}", value},
                 {"{nats}", program_call("nats")},
                 {"{dlq}", program_call("dlq")},
                 {"{streams}", program_stream_maker()}};
    size_t used = 0;
    text[0] = '\0';
    for (const char *at = template; at && *at && used < SETTINGS_TEXT_MAX;) {
        const char *words = NULL;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0] && !words; i++)
            if (strncmp(at, marks[i].mark, strlen(marks[i].mark)) == 0) {
                words = marks[i].words;
                at += strlen(marks[i].mark);
            }
        size_t plain = words ? 0 : 1 + strcspn(at + 1, "{");
        int n = snprintf(text + used, SETTINGS_TEXT_MAX - used, "%.*s",
                         words ? (int)strlen(words) : (int)plain, words ? words : at);
        used += n > 0 ? (size_t)n : 0;
        at += plain;
    }
    return text;
}
