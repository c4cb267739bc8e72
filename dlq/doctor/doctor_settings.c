#include "doctor/doctor_checks.h"

#include "base/timestamp.h"
#include "doctor/doctor.h"

#include <jansson.h>

_Static_assert((int)SETTINGS_GOOD == HEALTH_GOOD && (int)SETTINGS_WARNING == HEALTH_WARNING &&
                   (int)SETTINGS_CRITICAL == HEALTH_CRITICAL,
               "enum settings_health is cast to enum health");

bool doctor_report_settings(struct doctor *doctor, enum settings_object object, const char *stream,
                            const char *consumer, const json_t *config)
{
    size_t n, before = doctor->n;
    const struct setting *table = settings_table(&n);
    uint64_t found = settings_found(object, config, timestamp_now());
    for (size_t i = 0; i < n; i++) {
        char breaks[SETTINGS_TEXT_MAX], fix[SETTINGS_TEXT_MAX];
        if (!(found >> i & 1))
            continue;
        settings_expand(&table[i], table[i].breaks, stream, consumer, config, breaks);
        settings_expand(&table[i], table[i].fix, stream, consumer, config, fix);
        doctor_report(doctor, (enum health)table[i].health, "%s %s has %s: %s",
                      consumer ? "consumer" : "stream", consumer ? consumer : stream, table[i].key,
                      breaks);
        doctor_advise(doctor, "%s", fix);
    }
    return doctor->n == before;
}
