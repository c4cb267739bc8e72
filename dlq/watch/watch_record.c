#include "watch/watch_record.h"

#include "base/duration.h"
#include "base/timestamp.h"
#include "tables/listing.h"

#include <jansson.h>
#include <stdio.h>

enum { ERRORS_MOST = 20, FIELDS_MOST = 32 };

/* A number with its name. Below 0: not known, or there is none. */
struct field {
    const char *name;
    double value;
    int decimals;
};

struct fields {
    struct field item[FIELDS_MOST];
    size_t n;
};

static void add(struct fields *fields, const char *name, double value, int decimals)
{
    fields->item[fields->n++] = (struct field){name, value, decimals};
}

static void add_count(struct fields *fields, const char *name, uint64_t n)
{
    add(fields, name, (double)n, 0);
}

/* In whole seconds. */
static double age(int64_t time, int64_t now)
{
    int64_t ns = now > time ? now - time : 0;
    return time > 0 ? (double)(ns / DURATION_S) : -1;
}

static uint64_t sum_redelivered(const struct queue_look *look)
{
    uint64_t n = 0;
    for (size_t i = 0; i < look->n_durables; i++)
        n += look->durables[i].state.redelivered;
    return n;
}

static uint64_t sum_pulls(const struct queue_look *look)
{
    uint64_t n = 0;
    for (size_t i = 0; i < look->n_durables; i++)
        n += look->durables[i].state.waiting;
    return n;
}

static void add_jobs(struct fields *fields, const struct queue_look *look, int64_t now)
{
    struct queue_jobs jobs = queue_look_jobs(look);
    add(fields, "pending", jobs.is_known ? (double)jobs.pending : -1, 0);
    add(fields, "in_flight", jobs.is_known ? (double)jobs.in_flight : -1, 0);
    add(fields, "redelivered", jobs.is_known ? (double)sum_redelivered(look) : -1, 0);
    add(fields, "oldest_job", age(jobs.oldest, now), 0);
    add(fields, "pulls", jobs.is_known ? (double)sum_pulls(look) : -1, 0);
}

static void add_pace(struct fields *fields, const struct queue_pace *pace)
{
    add(fields, "published", pace->is_known ? pace->published : -1, 1);
    add(fields, "done", pace->is_known ? pace->done : -1, 1);
    add(fields, "dead", pace->is_known ? pace->dead : -1, 1);
}

static double stored(const struct queue_look *look, enum dlq_subject which)
{
    return look->stored[which].is_known ? (double)look->stored[which].n : -1;
}

static void add_letters(struct fields *fields, const struct watch *watch, int64_t now)
{
    const struct queue_look *look = &watch->look;
    bool is_known = look->stored[DLQ_ADVISORIES].is_known;
    add(fields, "announced", is_known ? (double)watch->census.announced : -1, 0);
    add(fields, "waiting", stored(look, DLQ_DEAD), 0);
    add(fields, "held", stored(look, DLQ_HELD), 0);
    add(fields, "oldest_letter", age(watch_oldest_letter(watch), now), 0);
    add_count(fields, "dlq_pulls", look->collects.waiting + look->decides.waiting);
}

static void add_rooms(struct fields *fields, const struct queue_look *look)
{
    add_count(fields, "origin_messages", look->origin.messages);
    add_count(fields, "origin_bytes", look->origin.bytes);
    add_count(fields, "dlq_messages", look->letters.messages);
    add_count(fields, "dlq_bytes", look->letters.bytes);
}

static void fill(struct fields *fields, const struct watch *watch, int64_t now, int64_t silence)
{
    *fields = (struct fields){0};
    if (*watch->trouble) {
        add(fields, "no_answer", (double)(silence / DURATION_S), 0);
        return;
    }
    add_jobs(fields, &watch->look, now);
    add_pace(fields, &watch->pace);
    add_letters(fields, watch, now);
    add_rooms(fields, &watch->look);
}

const char *watch_record_text(const struct watch *watch, int64_t now, int64_t silence,
                              char text[WATCH_RECORD_MAX])
{
    struct fields fields;
    char when[TIMESTAMP_TEXT_MAX];
    fill(&fields, watch, now, silence);
    size_t used =
        (size_t)snprintf(text, WATCH_RECORD_MAX, "time=%s", timestamp_format(now, 3, when));
    for (size_t i = 0; i < fields.n && used < WATCH_RECORD_MAX; i++) {
        const struct field *field = &fields.item[i];
        int n = field->value < 0
                    ? snprintf(text + used, WATCH_RECORD_MAX - used, " %s=-", field->name)
                    : snprintf(text + used, WATCH_RECORD_MAX - used, " %s=%.*f", field->name,
                               field->decimals, field->value);
        used += (size_t)n;
    }
    return text;
}

static json_t *number(double value, int decimals)
{
    if (value < 0)
        return json_null();
    double tenths = (double)(uint64_t)(value * 10 + 0.5) / 10;
    return decimals ? json_real(tenths) : json_integer((json_int_t)value);
}

static json_t *consumers_json(const struct queue_look *look, int64_t now)
{
    json_t *consumers = json_array();
    for (size_t i = 0; i < look->n_durables; i++) {
        const struct durable_look *durable = &look->durables[i];
        const struct durable_state *state = &durable->state;
        json_array_append_new(
            consumers,
            json_pack("{s:s, s:I, s:I, s:I, s:o, s:I, s:b}", "name", durable->name, "pending",
                      (json_int_t)state->pending, "in_flight", (json_int_t)state->ack_pending,
                      "redelivered", (json_int_t)state->redelivered, "oldest_job",
                      number(age(durable->oldest, now), 0), "pulls", (json_int_t)state->waiting,
                      "paused", state->paused_until > now));
    }
    return consumers;
}

static json_t *errors_json(const struct watch *watch)
{
    const struct letter_tally *tally = letter_census_tally(&watch->census);
    struct letter_group top[ERRORS_MOST];
    json_t *errors = json_array();
    size_t n = tally->groups ? letter_groups_top(tally->groups, top, ERRORS_MOST) : 0;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(errors,
                              json_pack("{s:o, s:I}", "error", listing_text_json(top[i].name),
                                        "letters", (json_int_t)top[i].n));
    return errors;
}

json_t *watch_record_json(const struct watch *watch, int64_t now, int64_t silence)
{
    struct fields fields;
    char when[TIMESTAMP_TEXT_MAX];
    fill(&fields, watch, now, silence);
    json_t *record = json_pack("{s:s}", "time", timestamp_format(now, 3, when));
    for (size_t i = 0; i < fields.n; i++)
        json_object_set_new(record, fields.item[i].name,
                            number(fields.item[i].value, fields.item[i].decimals));
    if (*watch->trouble) {
        json_object_set_new(record, "trouble", listing_text_json(watch->trouble));
        return record;
    }
    json_object_set_new(record, "announced_exact", json_boolean(watch->census.is_judged));
    json_object_set_new(record, "consumers", consumers_json(&watch->look, now));
    json_object_set_new(record, "errors", errors_json(watch));
    return record;
}
