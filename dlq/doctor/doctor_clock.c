#include "doctor/doctor_checks.h"

#include "base/duration.h"
#include "base/program_name.h"
#include "base/timestamp.h"
#include "doctor/clock_skew.h"
#include "doctor/doctor.h"
#include "queue/stream.h"

#include <jansson.h>

/* Times of deaths are shown in seconds. From a minute on, credentials are refused, and a pause or a
 * credential of minutes ends at a wrong time. */
static const int64_t noticeable = 2 * DURATION_S, serious = DURATION_MINUTE;

/* False when the server does not say its time. */
static bool take_sample(struct doctor *doctor, struct clock_sample *sample)
{
    struct error ignored = {0};
    const char *stream = doctor->origin_info ? doctor->origin : doctor->stream;
    sample->sent = timestamp_now();
    json_t *info = stream_info(doctor->requester, stream, NULL, 0, &ignored);
    sample->received = timestamp_now();
    const char *text = json_string_value(json_object_get(info, "ts"));
    bool is_known = text && timestamp_parse(text, &sample->server);
    json_decref(info);
    return is_known;
}

static void advise(struct doctor *doctor)
{
    doctor_advise(doctor, "synchronize both with NTP; on this machine");
    if (program_is_there("chronyc"))
        doctor_command(doctor, "sudo", "chronyc makestep");
    else if (program_is_there("timedatectl"))
        doctor_command(doctor, "sudo", "timedatectl set-ntp true");
    else
        doctor_advise(doctor, "synchronize the clocks of both machines with NTP");
}

void doctor_check_clock(struct doctor *doctor)
{
    struct clock_sample sample;
    char by[DURATION_TEXT_MAX];
    if ((!doctor->origin_info && !doctor->dlq_info) || !take_sample(doctor, &sample))
        return;
    int64_t skew = clock_skew(&sample), size = skew < 0 ? -skew : skew;
    if (size < noticeable) {
        doctor_report(doctor, HEALTH_GOOD, "this machine's clock agrees with the server's");
        return;
    }
    doctor_report(
        doctor, size < serious ? HEALTH_WARNING : HEALTH_CRITICAL,
        "this machine's clock is at least %s %s the server's: ages, --older-than, --newer-than "
        "and times of deaths are wrong by that much, and credentials may be refused",
        duration_age_text(size, by), skew > 0 ? "ahead of" : "behind");
    advise(doctor);
}
