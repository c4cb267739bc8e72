#include "doctor/doctor_checks.h"

#include "base/timestamp.h"
#include "doctor/doctor.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)SETTINGS_GOOD == HEALTH_GOOD && (int)SETTINGS_WARNING == HEALTH_WARNING &&
                   (int)SETTINGS_CRITICAL == HEALTH_CRITICAL,
               "enum settings_health is cast to enum health");

/* A pause is the owner's choice only as long as nothing waits. */
static enum health health_of(const struct setting *setting, uint64_t pending)
{
    bool stops = strcmp(setting->key, "pause_until") == 0 && pending > 0;
    return stops ? HEALTH_CRITICAL : (enum health)setting->health;
}

/* The fix: words, and what begins with a command of natscli at its end. */
static void advise(struct doctor *doctor, const struct setting *setting, const char *stream,
                   const char *consumer, const json_t *config)
{
    static const char before[] = "{nats} ";
    char words[SETTINGS_TEXT_MAX], text[SETTINGS_TEXT_MAX];
    char stream_word[STREAM_WORD_MAX], consumer_word[STREAM_WORD_MAX];
    const char *command = setting->fix ? strstr(setting->fix, before) : NULL;
    snprintf(words, sizeof words, "%.*s",
             command ? (int)(command - setting->fix) : (int)sizeof words,
             setting->fix ? setting->fix : "");
    for (size_t n = strlen(words); n > 0 && strchr(": ", words[n - 1]); n--)
        words[n - 1] = '\0';
    doctor_advise(doctor, "%s", settings_expand(setting, words, stream, consumer, config, text));
    shell_word(stream, stream_word, sizeof stream_word);
    if (command)
        doctor_command(
            doctor, "nats", "%s",
            settings_expand(setting, command + strlen(before), stream_word,
                            consumer ? shell_word(consumer, consumer_word, sizeof consumer_word)
                                     : NULL,
                            config, text));
}

bool doctor_report_settings(struct doctor *doctor, enum settings_object object, const char *stream,
                            const char *consumer, const json_t *config, uint64_t pending)
{
    size_t n, before = doctor->n;
    const struct setting *table = settings_table(&n);
    uint64_t found = settings_found(object, config, timestamp_now());
    for (size_t i = 0; i < n; i++) {
        char breaks[SETTINGS_TEXT_MAX];
        if (!(found >> i & 1))
            continue;
        settings_expand(&table[i], table[i].breaks, stream, consumer, config, breaks);
        doctor_report(doctor, health_of(&table[i], pending), "%s %s has %s: %s",
                      consumer ? "consumer" : "stream", consumer ? consumer : stream, table[i].key,
                      breaks);
        advise(doctor, &table[i], stream, consumer, config);
    }
    return doctor->n == before;
}
