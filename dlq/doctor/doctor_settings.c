#include "doctor/doctor_checks.h"

#include "base/timestamp.h"

#include <jansson.h>

static enum health health_of(const struct setting *setting)
{
    switch (setting->health) {
    case SETTINGS_GOOD:
        return HEALTH_GOOD;
    case SETTINGS_WARNING:
        return HEALTH_WARNING;
    case SETTINGS_CRITICAL:
        return HEALTH_CRITICAL;
    }
    return HEALTH_CRITICAL;
}

bool doctor_report_settings(struct doctor *doctor, enum settings_object object, const char *stream,
                            const char *consumer, const json_t *config)
{
    size_t n, before = doctor->n;
    const struct setting *table = settings_table(&n);
    uint64_t found = settings_found(object, config, timestamp_now());
    for (size_t i = 0; i < n; i++) {
        char breaks[SETTINGS_TEXT_MAX], mend[SETTINGS_TEXT_MAX];
        if (!(found >> i & 1))
            continue;
        settings_words(&table[i], table[i].breaks, stream, consumer, config, breaks);
        settings_words(&table[i], table[i].mend, stream, consumer, config, mend);
        doctor_report(doctor, health_of(&table[i]), "%s %s has %s: %s",
                      consumer ? "consumer" : "stream", consumer ? consumer : stream, table[i].key,
                      breaks);
        doctor_advise(doctor, "%s", mend);
    }
    return doctor->n == before;
}
