#include "doctor/doctor_checks.h"

#include "base/stop.h"
#include "doctor/doctor.h"
#include "doctor/stream_guess.h"
#include "nats/requester.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Limits the listing of streams, each of which is compared with all others. */
enum { STREAMS_MAX = 1000 };

/* The caller owns it. What the answers could not list, such as for lack of a permission, is left
 * out; the two streams given are always there if they could be read. */
static json_t *list_streams(struct doctor *doctor)
{
    json_t *streams = json_array();
    json_int_t total = 1;
    while ((json_int_t)json_array_size(streams) < total && json_array_size(streams) < STREAMS_MAX &&
           !stop_requested()) {
        struct error ignored = {0};
        char body[64];
        snprintf(body, sizeof body, "{\"offset\":%zu}", json_array_size(streams));
        json_t *answer = requester_api(doctor->requester, "STREAM.LIST", body, &ignored);
        json_t *page = json_object_get(answer, "streams");
        total =
            json_array_size(page) > 0 ? json_integer_value(json_object_get(answer, "total")) : 0;
        json_array_extend(streams, page);
        json_decref(answer);
    }
    if (json_array_size(streams) == 0) {
        json_array_append(streams, doctor->origin_info);
        json_array_append(streams, doctor->dlq_info);
    }
    return streams;
}

static bool is_listed(const json_t *streams, const char *name)
{
    size_t i;
    json_t *stream;
    json_array_foreach(streams, i, stream)
    {
        const char *listed =
            json_string_value(json_object_get(json_object_get(stream, "config"), "name"));
        if (listed && strcmp(listed, name) == 0)
            return true;
    }
    return false;
}

static void advise_guess(struct doctor *doctor, const json_t *streams)
{
    struct stream_guess guess;
    char stream[STREAM_WORD_MAX], origin[STREAM_WORD_MAX];
    if (stream_guess(streams, doctor->stream, doctor->origin, &guess)) {
        doctor_advise(doctor, "did you mean");
        doctor_command(doctor, "dlq", "%s %s doctor",
                       shell_word(guess.stream, stream, sizeof stream),
                       shell_word(guess.origin, origin, sizeof origin));
    } else {
        doctor_advise(doctor, "the streams that exist");
        doctor_command(doctor, "nats", "stream ls");
    }
}

static bool both_exist(const struct doctor *doctor)
{
    return doctor->origin_info && doctor->dlq_info;
}

/* A DLQ stream without subjects (a mirror) is left to the check of settings. */
static bool belong(const struct doctor *doctor)
{
    return !doctor->dlq_info ||
           json_array_size(json_object_get(doctor->dlq_config, "subjects")) == 0 ||
           dlq_subjects_any(doctor->dlq_info, doctor->origin);
}

static void report_strangers(struct doctor *doctor, const json_t *streams)
{
    doctor->check = "subjects";
    doctor_report(doctor, HEALTH_CRITICAL,
                  "stream %s takes neither advisories nor letters about %s: are the two streams "
                  "swapped, or is a name wrong?",
                  doctor->stream, doctor->origin);
    advise_guess(doctor, streams);
}

/* True when a stream that does not exist is probably a mistyped name. It has been reported as
 * missing. */
static bool is_mistyped(struct doctor *doctor, const json_t *streams)
{
    struct stream_guess guess;
    bool known = (doctor->origin_info || !is_listed(streams, doctor->origin)) &&
                 (doctor->dlq_info || !is_listed(streams, doctor->stream));
    return known && doctor->n > 0 && stream_guess(streams, doctor->stream, doctor->origin, &guess);
}

bool doctor_streams_belong(struct doctor *doctor)
{
    if (stop_requested() || (both_exist(doctor) && belong(doctor)))
        return true;
    _cleanup_(json_decrefp) json_t *streams = list_streams(doctor);
    bool mistyped = !both_exist(doctor) && is_mistyped(doctor, streams);
    if (mistyped)
        advise_guess(doctor, streams); /* about the stream that is missing */
    else if (!belong(doctor))
        report_strangers(doctor, streams);
    return !mistyped && belong(doctor);
}
