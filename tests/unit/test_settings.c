/* With "--list" it prints the rows of the table, for tests/integration/test_settings.py, which sets
 * up each of them on a server. */
#include "queue/pull_request.h"
#include "queue/settings_check.h"

#include "base/duration.h"
#include "base/timestamp.h"

#define OWN_MAIN
#include "unit.h"

#include <jansson.h>

/* A stream and a durable without any questionable setting, as the server shows them. */
static const char sound_stream[] =
    "{\"name\":\"s\",\"subjects\":[\"orders.*\"],\"retention\":\"workqueue\",\"max_age\":0,"
    "\"max_msgs_per_subject\":-1,\"storage\":\"file\",\"discard\":\"new\",\"sealed\":false,"
    "\"deny_delete\":true,\"deny_purge\":false,\"allow_rollup_hdrs\":false,\"allow_direct\":true}";
static const char sound_durable[] =
    "{\"durable_name\":\"c\",\"deliver_policy\":\"all\",\"ack_policy\":\"explicit\","
    "\"replay_policy\":\"instant\",\"max_deliver\":2,\"num_replicas\":0}";

static const struct {
    const char *key, *text;
    enum settings_object object;
    const char *change;
    const char *words; /* expected in the text of `breaks` or of `fix` */
} cases[] = {
    {"headers_only", NULL, SETTINGS_DURABLE, "{\"headers_only\":true}",
     "nats consumer edit s c -f --no-headers-only"},
    {"ack_policy", "explicit", SETTINGS_DURABLE, "{\"ack_policy\":\"none\"}",
     "nats consumer rm s c -f"},
    {"ack_policy", "explicit", SETTINGS_DURABLE, "{\"ack_policy\":\"all\"}", "with all"},
    {"deliver_subject", NULL, SETTINGS_DURABLE, "{\"deliver_subject\":\"x.y\"}", "x.y"},
    {"priority_groups", NULL, SETTINGS_DURABLE, "{\"priority_groups\":[\"a\",\"b\"]}",
     "members of a"},
    {"max_batch", NULL, SETTINGS_DURABLE, "{\"max_batch\":3}", "at most 3 "},
    {"max_expires", NULL, SETTINGS_DURABLE, "{\"max_expires\":2000000000}", "after 2s"},
    {"max_bytes", NULL, SETTINGS_DURABLE, "{\"max_bytes\":100}", "100 bytes"},
    {"deliver_policy", "all", SETTINGS_DURABLE, "{\"deliver_policy\":\"new\"}", "with new"},
    {"replay_policy", "original", SETTINGS_DURABLE, "{\"replay_policy\":\"original\"}", "pace"},
    {"pause_until", NULL, SETTINGS_DURABLE, "{\"pause_until\":\"2100-01-01T00:00:00Z\"}",
     "until 2100-01-01T00:00:00Z"},
    {"inactive_threshold", NULL, SETTINGS_DURABLE, "{\"inactive_threshold\":90000000000}", "1m30s"},
    {"mem_storage", NULL, SETTINGS_DURABLE, "{\"mem_storage\":true}", "restart"},
    {"no_ack", NULL, SETTINGS_ORIGIN, "{\"no_ack\":true}", "nats stream edit s -f --ack"},
    {"no_ack", NULL, SETTINGS_DEAD_LETTERING, "{\"no_ack\":true}", "confirm"},
    {"sealed", NULL, SETTINGS_DLQ, "{\"sealed\":true}", "create another stream with "},
    {"mirror", NULL, SETTINGS_ORIGIN, "{\"mirror\":{\"name\":\"other\"}}", "use other itself"},
    {"deny_purge", NULL, SETTINGS_DLQ, "{\"deny_purge\":true}", "dlq export"},
    {"subject_transform", NULL, SETTINGS_DLQ,
     "{\"subject_transform\":{\"src\":\"natsq.dead.>\",\"dest\":\"x.>\"}}", "natsq.dead.> → x.>"},
    {"subject_transform", NULL, SETTINGS_ORIGIN,
     "{\"subject_transform\":{\"src\":\"\",\"dest\":\"x.>\"}}", "> → x.>"},
    {"retention", "limits", SETTINGS_ORIGIN, "{\"retention\":\"limits\"}", "stay in"},
    {"retention", "interest", SETTINGS_DLQ, "{\"retention\":\"interest\"}", "dropped"},
    {"max_age", NULL, SETTINGS_ORIGIN, "{\"max_age\":3600000000000}", "older than 1h"},
    {"allow_msg_ttl", NULL, SETTINGS_ORIGIN, "{\"allow_msg_ttl\":true}", "Nats-TTL"},
    {"discard", "old", SETTINGS_DLQ, "{\"discard\":\"old\"}", "--discard=new"},
    {"max_msgs_per_subject", NULL, SETTINGS_ORIGIN, "{\"max_msgs_per_subject\":1}", "keeps 1"},
    {"max_msgs_per_subject", NULL, SETTINGS_DLQ,
     "{\"max_msgs_per_subject\":1,\"discard_new_per_subject\":true}", "advisories"},
    {"storage", "memory", SETTINGS_ORIGIN, "{\"storage\":\"memory\"}", "restart"},
    {"allow_rollup_hdrs", NULL, SETTINGS_ORIGIN, "{\"allow_rollup_hdrs\":true}", "Nats-Rollup"},
    {"allow_direct", NULL, SETTINGS_DLQ, "{\"allow_direct\":false}", "--allow-direct"},
    {"deny_delete", NULL, SETTINGS_ORIGIN, "{\"deny_delete\":false}", "--deny-delete"},
};

enum { CASES = LENGTH(cases) };

static json_t *config_of(enum settings_object object, const char *change)
{
    json_t *config = json_loads(object == SETTINGS_DURABLE ? sound_durable : sound_stream, 0, NULL);
    json_t *changes = json_loads(change, 0, NULL);
    assert_non_null(config);
    assert_non_null(changes);
    json_object_update(config, changes);
    json_decref(changes);
    return config;
}

static uint64_t found_with(enum settings_object object, const char *change)
{
    json_t *config = config_of(object, change);
    uint64_t found = settings_found(object, config, timestamp_now());
    json_decref(config);
    return found;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static const struct setting *row_of(size_t i, size_t *index)
{
    size_t n;
    const struct setting *table = settings_table(&n);
    for (*index = 0; *index < n; (*index)++) {
        const struct setting *row = &table[*index];
        if (strcmp(row->key, cases[i].key) == 0 && is_same(row->text, cases[i].text) &&
            (row->objects & cases[i].object))
            return row;
    }
    fail_msg("no row for %s", cases[i].key);
    return NULL;
}

TEST(sound_settings_match_no_row)
{
    for (int object = SETTINGS_ORIGIN; object <= SETTINGS_DEAD_LETTERING; object <<= 1)
        assert_int_equal(found_with((enum settings_object)object, "{}"), 0);
}

TEST(each_case_matches_only_its_row)
{
    for (size_t i = 0; i < CASES; i++) {
        size_t index;
        row_of(i, &index);
        if (found_with(cases[i].object, cases[i].change) != UINT64_C(1) << index)
            fail_msg("%s: not its row alone", cases[i].change);
    }
}

TEST(each_row_has_a_case)
{
    size_t n, index;
    uint64_t covered = 0;
    settings_table(&n);
    for (size_t i = 0; i < CASES; i++) {
        row_of(i, &index);
        covered |= UINT64_C(1) << index;
    }
    assert_int_equal(covered, (UINT64_C(1) << n) - 1);
}

TEST(texts_have_their_values_filled_in)
{
    for (size_t i = 0; i < CASES; i++) {
        size_t index;
        char breaks[SETTINGS_TEXT_MAX], fix[SETTINGS_TEXT_MAX];
        const struct setting *row = row_of(i, &index);
        json_t *config = config_of(cases[i].object, cases[i].change);
        settings_expand(row, row->breaks, "s", "c", config, breaks);
        settings_expand(row, row->fix, "s", "c", config, fix);
        if (!strstr(breaks, cases[i].words) && !strstr(fix, cases[i].words))
            fail_msg("'%s' is neither in '%s' nor in '%s'", cases[i].words, breaks, fix);
        if (strchr(breaks, '{') || strchr(fix, '{'))
            fail_msg("a placeholder is left in '%s' or '%s'", breaks, fix);
        json_decref(config);
    }
}

TEST(a_refusal_names_the_setting)
{
    for (size_t i = 0; i < CASES; i++) {
        size_t index;
        struct error error = {0};
        struct settings_target target = {cases[i].object, "s",
                                         cases[i].object == SETTINGS_DURABLE ? "c" : NULL, 0};
        const struct setting *row = row_of(i, &index);
        json_t *config = config_of(cases[i].object, cases[i].change);
        int result = settings_judge(&target, config, NULL, &error);
        assert_int_equal(result, row->action == SETTINGS_REFUSE ? -1 : 0);
        if (result < 0) {
            assert_int_equal(error.exit_code, EX_CONFIG);
            assert_non_null(strstr(error.text, row->key));
        }
        json_decref(config);
    }
}

TEST(settings_without_an_effect_match_no_row)
{
    assert_int_equal(found_with(SETTINGS_DURABLE, "{\"pause_until\":\"2001-01-01T00:00:00Z\"}"), 0);
    assert_int_equal(found_with(SETTINGS_DURABLE, "{\"pause_until\":\"\",\"max_batch\":0}"), 0);
    assert_int_equal(found_with(SETTINGS_ORIGIN, "{\"max_msgs_per_subject\":1,"
                                                 "\"discard_new_per_subject\":true}"),
                     0);
    assert_int_equal(found_with(SETTINGS_ORIGIN, "{\"deny_purge\":true}"), 0);
    assert_int_equal(found_with(SETTINGS_DLQ, "{\"subject_transform\":{\"src\":\"other.*\","
                                              "\"dest\":\"natsq.x\"}}"),
                     0);
    assert_int_equal(found_with(SETTINGS_DEAD_LETTERING, "{\"deny_purge\":true,\"max_age\":1}"), 0);
    assert_int_equal(found_with(SETTINGS_ORIGIN, "{\"retention\":7,\"max_age\":\"\"}"), 0);
}

TEST(pull_requests_stay_within_the_limits_of_the_durable)
{
    char body[PULL_REQUEST_MAX];
    struct pull_limits limits = {0};
    int length = pull_request_write(&limits, "+NXT ", 1, body);
    assert_int_equal(length, strlen(body));
    assert_string_equal(body,
                        "+NXT {\"batch\":1,\"expires\":10000000000,\"idle_heartbeat\":3000000000}");
    assert_int_equal(pull_request_at_most(&limits, 50), 50);
    limits = (struct pull_limits){.batch = 7, .expires = 3 * DURATION_S};
    pull_request_write(&limits, "", 5, body);
    assert_string_equal(body, "{\"batch\":5,\"expires\":3000000000,\"idle_heartbeat\":1000000000}");
    assert_int_equal(pull_request_at_most(&limits, 50), 7);
    assert_int_equal(pull_request_at_most(&limits, 5), 5);
    limits.expires = 60 * DURATION_S;
    pull_request_write(&limits, "", 5, body);
    assert_string_equal(body,
                        "{\"batch\":5,\"expires\":10000000000,\"idle_heartbeat\":3000000000}");
    limits.expires = 50 * DURATION_MS;
    pull_request_write(&limits, "", 5, body);
    assert_string_equal(body, "{\"batch\":5,\"expires\":50000000,\"idle_heartbeat\":0}");
}

static int list(void)
{
    size_t n;
    const struct setting *table = settings_table(&n);
    for (size_t i = 0; i < n; i++)
        printf("%s %s %u %d %d\n", table[i].key, table[i].text ? table[i].text : "-",
               table[i].objects, (int)table[i].action, (int)table[i].health);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--list") == 0)
        return list();
    return unit_run();
}
