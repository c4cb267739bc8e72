#include "queue/settings_check.h"

#include "base/timestamp.h"
#include "queue/stream.h"

#include <jansson.h>

static const char *title(const struct settings_target *target, char text[600])
{
    if (target->consumer)
        snprintf(text, 600, "consumer %s of %s", target->consumer, target->stream);
    else
        snprintf(text, 600, "stream %s", target->stream);
    return text;
}

static int refuse(const struct settings_target *target, const struct setting *setting,
                  const char *breaks, const char *fix, struct error *error)
{
    char name[600];
    return error_set(error, EX_CONFIG, "%s has %s: %s; to fix it: %s", title(target, name),
                     setting->key, breaks, fix);
}

static void report(const struct settings_target *target, const struct setting *setting,
                   const char *breaks, const char *fix, const struct log *log)
{
    char name[600];
    if (setting->action == SETTINGS_ADAPT)
        log_info(log, "%s has %s: %s", title(target, name), setting->key, breaks);
    else if (setting->action == SETTINGS_WARN)
        log_warn(log, "%s has %s: %s; to fix it: %s", title(target, name), setting->key, breaks,
                 fix);
}

int settings_judge(struct settings_target *target, const json_t *config, const struct log *log,
                   struct error *error)
{
    size_t n;
    const struct setting *table = settings_table(&n);
    uint64_t found = settings_found(target->object, config, timestamp_now());
    uint64_t new = found & ~target->reported;
    for (size_t i = 0; i < n; i++) {
        char breaks[SETTINGS_TEXT_MAX], fix[SETTINGS_TEXT_MAX];
        bool is_refused = table[i].action == SETTINGS_REFUSE && (found >> i & 1);
        if (!is_refused && !(log && (new >> i & 1)))
            continue;
        settings_expand(&table[i], table[i].breaks, target->stream, target->consumer, config,
                        breaks);
        settings_expand(&table[i], table[i].fix, target->stream, target->consumer, config, fix);
        if (is_refused)
            return refuse(target, &table[i], breaks, fix, error);
        report(target, &table[i], breaks, fix, log);
    }
    target->reported = log ? found : target->reported;
    return 0;
}

static json_t *read_info(const struct settings_target *target, struct requester *requester)
{
    char operation[REQUEST_SUBJECT_MAX];
    struct error ignored = {0};
    if (!target->consumer)
        return stream_info(requester, target->stream, NULL, 0, &ignored);
    snprintf(operation, sizeof operation, "CONSUMER.INFO.%s.%s", target->stream, target->consumer);
    return requester_api(requester, operation, NULL, &ignored);
}

json_t *settings_read(const struct settings_target *target, struct requester *requester)
{
    _cleanup_(json_decrefp) json_t *info = read_info(target, requester);
    return json_incref(json_object_get(info, "config"));
}

int settings_check(struct settings_target *target, struct requester *requester,
                   const struct log *log, struct error *error)
{
    _cleanup_(json_decrefp) json_t *config = settings_read(target, requester);
    return config ? settings_judge(target, config, log, error) : 0;
}
