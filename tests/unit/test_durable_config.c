#include "queue/durable_config.h"

#include "base/duration.h"
#include "queue/durable_changes.h"

#include "unit.h"

#include <jansson.h>

#define S DURATION_S
#define FIXED                                                                                      \
    "\"durable_name\":\"processor\",\"name\":\"processor\",\"ack_policy\":\"explicit\","           \
    "\"deliver_policy\":\"all\",\"replay_policy\":\"instant\",\"max_ack_pending\":10000,"

static json_t *json_of(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    if (!json)
        fail_msg("no JSON in the test: %s", text);
    return json;
}

static void assert_json(json_t *is, const char *expected)
{
    json_t *wanted = json_of(expected);
    if (!json_equal(is, wanted)) {
        char *text = json_dumps(is, JSON_SORT_KEYS);
        fail_msg("%s\nis not\n%s", text, expected);
    }
    json_decref(wanted);
}

static const struct durable_spec defaults = {
    .stream = "orders_stream",
    .name = "processor",
    .description = "Orders processor",
    .filters = {"orders.*"},
    .n_filters = 1,
    .max_deliver = 2,
    .max_ack_pending = 10000,
    .backoff = {{5 * DURATION_S}, 1},
};

static void assert_config(const struct durable_spec *spec, const char *expected)
{
    json_t *config = durable_config_create(spec);
    assert_json(config, expected);
    json_decref(config);
}

TEST(the_configuration_follows_the_options)
{
    struct durable_spec several = defaults, bare = defaults, counted = defaults;
    several.filters[0] = "orders.eu";
    several.filters[1] = "orders.us";
    several.n_filters = 2;
    several.backoff = (struct option_durations){{S, 10 * S}, 2};
    bare.description = NULL;
    bare.backoff.n = 0;
    bare.max_deliver = -1;
    counted.attempts = 5;
    assert_config(&defaults,
                  "{" FIXED "\"description\":\"Orders processor\",\"filter_subject\":\"orders.*\","
                  "\"max_deliver\":2,\"backoff\":[5000000000]}");
    assert_config(&several, "{" FIXED "\"description\":\"Orders processor\",\"max_deliver\":2,"
                            "\"filter_subjects\":[\"orders.eu\",\"orders.us\"],"
                            "\"backoff\":[1000000000,10000000000]}");
    assert_config(&bare, "{" FIXED "\"filter_subject\":\"orders.*\",\"max_deliver\":-1}");
    assert_config(&counted,
                  "{" FIXED "\"description\":\"Orders processor\",\"filter_subject\":\"orders.*\","
                  "\"max_deliver\":-1,\"metadata\":{\"natsq.attempts\":\"5\"},"
                  "\"backoff\":[5000000000]}");
}

/* An existing durable: the server's defaults and fields that natsq does not know. */
#define REST "\"ack_wait\":5000000000,\"new\":{\"x\":[1]},\"num_replicas\":3"
#define THERE "{\"max_deliver\":2,\"max_ack_pending\":1000,\"backoff\":[5000000000]," REST "}"
#define COUNTED                                                                                    \
    "{\"max_deliver\":-1,\"max_ack_pending\":1000,\"backoff\":[5000000000]," REST                  \
    ",\"metadata\":{\"natsq.attempts\":\"5\",\"_nats.ver\":\"2.12.1\"}}"

static const struct row {
    struct durable_spec spec;
    const char *there, *text, *after; /* `after` NULL: as it was */
} rows[] = {
    /* options that were not given change nothing, even if they differ */
    {{.max_deliver = 9, .max_ack_pending = 9, .backoff = {{9}, 1}, .attempts = 9}, THERE, "", NULL},
    {{.max_deliver = 9, .max_ack_pending = 9, .backoff = {{9}, 1}}, COUNTED, "", NULL},
    /* given and the same */
    {{.max_deliver = 2,
      .max_ack_pending = 1000,
      .backoff = {{5 * S}, 1},
      .max_deliver_given = true,
      .max_ack_pending_given = true,
      .backoff_given = true},
     THERE,
     "",
     NULL},
    {{.attempts = 5, .attempts_given = true}, COUNTED, "", NULL},
    /* given and different, each alone */
    {{.max_deliver = 5, .max_ack_pending = 9, .backoff = {{9}, 1}, .max_deliver_given = true},
     THERE,
     "max_deliver 2 → 5",
     "{\"max_deliver\":5,\"max_ack_pending\":1000,\"backoff\":[5000000000]," REST "}"},
    {{.max_deliver = 5, .max_ack_pending = 50000, .max_ack_pending_given = true},
     THERE,
     "max_ack_pending 1000 → 50000",
     "{\"max_deliver\":2,\"max_ack_pending\":50000,\"backoff\":[5000000000]," REST "}"},
    {{.backoff = {{S, 60 * S}, 2}, .backoff_given = true},
     THERE,
     "backoff 5s → 1s,1m",
     "{\"max_deliver\":2,\"max_ack_pending\":1000,\"backoff\":[1000000000,60000000000],"
     "\"ack_wait\":1000000000,\"new\":{\"x\":[1]},\"num_replicas\":3}"},
    {{.backoff = {{S}, 1}, .backoff_given = true},
     "{\"ack_wait\":30000000000}",
     "backoff none → 1s",
     "{\"backoff\":[1000000000],\"ack_wait\":1000000000}"},
    /* all at once */
    {{.max_deliver = 3,
      .max_ack_pending = 7,
      .backoff = {{S}, 1},
      .max_deliver_given = true,
      .max_ack_pending_given = true,
      .backoff_given = true},
     THERE,
     "max_deliver 2 → 3, max_ack_pending 1000 → 7, backoff 5s → 1s",
     "{\"max_deliver\":3,\"max_ack_pending\":7,\"backoff\":[1000000000],\"ack_wait\":1000000000,"
     "\"new\":{\"x\":[1]},\"num_replicas\":3}"},
    /* from one way of counting to the other */
    {{.attempts = 5, .attempts_given = true},
     THERE,
     "attempts none → 5, max_deliver 2 → unlimited",
     "{\"max_deliver\":-1,\"max_ack_pending\":1000,\"backoff\":[5000000000]," REST
     ",\"metadata\":{\"natsq.attempts\":\"5\"}}"},
    {{.attempts = 7, .attempts_given = true},
     COUNTED,
     "attempts 5 → 7",
     "{\"max_deliver\":-1,\"max_ack_pending\":1000,\"backoff\":[5000000000]," REST
     ",\"metadata\":{\"natsq.attempts\":\"7\",\"_nats.ver\":\"2.12.1\"}}"},
    {{.max_deliver = 2, .max_deliver_given = true},
     COUNTED,
     "attempts 5 → none, max_deliver unlimited → 2",
     "{\"max_deliver\":2,\"max_ack_pending\":1000,\"backoff\":[5000000000]," REST
     ",\"metadata\":{\"_nats.ver\":\"2.12.1\"}}"},
};

/* The differences of two configurations in words. */
static const char *changes(const json_t *was, const json_t *is)
{
    static char text[DURABLE_CHANGES_MAX];
    return durable_changes(was, is, text, sizeof text);
}

TEST(only_given_options_are_applied)
{
    FOR_EACH (each, rows) {
        json_t *was = json_of(each->there), *config = json_deep_copy(was);
        durable_config_apply(&each->spec, config);
        assert_string_equal(changes(was, config), each->text);
        assert_json(config, each->after ? each->after : each->there);
        /* the second time nothing changes */
        json_t *again = json_deep_copy(config);
        durable_config_apply(&each->spec, again);
        assert_string_equal(changes(config, again), "");
        json_decref(was);
        json_decref(config);
        json_decref(again);
    }
}

#define MARKED "{\"max_deliver\":2,\"metadata\":{\"natsq.handler\":\"command\",\"team\":\"a\"}}"

TEST(a_command_marks_the_durable_that_it_creates)
{
    struct durable_spec spec = defaults;
    json_t *unmarked = json_of(THERE), *marked = json_of(MARKED);
    static const struct {
        enum durable_handler handler;
        bool is_recreated, was_marked, expected;
    } cases[] = {
        {DURABLE_COMMAND, false, false, true},      {DURABLE_BUILTIN, false, false, false},
        {DURABLE_ANY_HANDLER, false, false, false}, {DURABLE_COMMAND, true, false, false},
        {DURABLE_BUILTIN, true, false, false},      {DURABLE_ANY_HANDLER, true, true, true},
        {DURABLE_COMMAND, true, true, true},
    };
    FOR_EACH (each, cases) {
        spec.handler = each->handler;
        spec.as_it_was = !each->is_recreated ? NULL : each->was_marked ? marked : unmarked;
        json_t *config = durable_config_create(&spec);
        assert_int_equal(durable_config_is_for_command(config), each->expected);
        if (each->is_recreated)
            assert_string_equal(changes(spec.as_it_was, config), "");
        json_decref(config);
    }
    assert_false(durable_config_is_for_command(unmarked)); /* it was copied, not changed */
    json_decref(unmarked);
    json_decref(marked);
}

TEST(an_update_keeps_metadata_that_it_does_not_know)
{
    const struct durable_spec spec = {
        .max_deliver = 3, .max_deliver_given = true, .handler = DURABLE_COMMAND};
    json_t *config = json_of(MARKED), *plain = json_of(THERE);
    durable_config_apply(&spec, config);
    assert_json(config, "{\"max_deliver\":3,"
                        "\"metadata\":{\"natsq.handler\":\"command\",\"team\":\"a\"}}");
    /* and marks nothing */
    durable_config_apply(&spec, plain);
    assert_false(durable_config_is_for_command(plain));
    json_decref(config);
    json_decref(plain);
}

TEST(changes_in_words)
{
    static const struct {
        const char *was, *is, *changes;
    } cases[] = {
        {THERE, THERE, ""},
        {"{\"ack_wait\":30000000000}", "{\"ack_wait\":60000000000}", "ack_wait 30s → 1m"},
        {"{\"ack_wait\":30000000000}", "{\"backoff\":[1000000000],\"ack_wait\":1000000000}",
         "backoff none → 1s"},
        {"{\"filter_subject\":\"a\"}", "{\"filter_subjects\":[\"a\"]}", ""},
        {"{\"filter_subject\":\"a\"}", "{\"filter_subjects\":[\"a\",\"b.*\"]}", "filter a → a,b.*"},
        {"{\"num_replicas\":1}", "{\"num_replicas\":3}", ""},
    };
    FOR_EACH (each, cases) {
        json_t *was = json_of(each->was), *is = json_of(each->is);
        assert_string_equal(changes(was, is), each->changes);
        json_decref(was);
        json_decref(is);
    }
}

TEST(a_long_text_is_cut_and_the_configuration_is_not)
{
    struct durable_spec spec = {
        .max_deliver = 64, .max_deliver_given = true, .backoff_given = true};
    spec.backoff.n = OPTION_DURATIONS_MAX;
    for (int i = 0; i < spec.backoff.n; i++)
        spec.backoff.ns[i] = INT64_C(8765432123456789) + i;
    for (size_t size = 1; size < 400; size++) {
        char text[400];
        memset(text, '#', sizeof text);
        json_t *was = json_of(THERE), *config = json_deep_copy(was);
        durable_config_apply(&spec, config);
        durable_changes(was, config, text, size);
        assert_true(strlen(text) < size);
        for (size_t at = size; at < sizeof text; at++)
            assert_int_equal(text[at], '#');
        assert_int_equal(json_array_size(json_object_get(config, "backoff")), spec.backoff.n);
        json_decref(was);
        json_decref(config);
    }
}

TEST(reads_the_attempts_from_the_metadata)
{
    static const struct {
        const char *config;
        int64_t expected;
    } configs[] = {
        {COUNTED, 5},
        {THERE, 0},
        {"{}", 0},
        {"{\"max_deliver\":-1}", 0},
        {"{\"max_deliver\":-1,\"metadata\":null}", 0},
        {"{\"max_deliver\":-1,\"metadata\":{\"natsq.attempts\":\"\"}}", 0},
        {"{\"max_deliver\":-1,\"metadata\":{\"natsq.attempts\":\"0\"}}", 0},
        {"{\"max_deliver\":-1,\"metadata\":{\"natsq.attempts\":\"-3\"}}", 0},
        {"{\"max_deliver\":-1,\"metadata\":{\"natsq.attempts\":\"3x\"}}", 0},
        {"{\"max_deliver\":-1,\"metadata\":{\"natsq.attempts\":3}}", 0},
        /* with a max_deliver the server counts */
        {"{\"max_deliver\":2,\"metadata\":{\"natsq.attempts\":\"3\"}}", 0},
    };
    FOR_EACH (each, configs) {
        json_t *config = json_of(each->config);
        if (durable_config_attempts(config) != each->expected)
            fail_msg("%s", each->config);
        json_decref(config);
    }
}

TEST(compares_filters_in_any_order)
{
    static const struct {
        const char *filters[4];
        const char *config;
        bool expected;
    } filters[] = {
        {{"a"}, "{\"filter_subject\":\"a\"}", true},
        {{"a"}, "{\"filter_subjects\":[\"a\"]}", true},
        {{"a"}, "{\"filter_subject\":\"b\"}", false},
        {{"a"}, "{\"filter_subject\":\"A\"}", false},
        {{"a"}, "{\"filter_subject\":\"a.>\"}", false},
        {{"a"}, "{}", false},
        {{"a"}, "{\"filter_subjects\":[]}", false},
        {{"a"}, "{\"filter_subjects\":[\"a\",\"b\"]}", false},
        {{"a"}, "{\"filter_subjects\":[1]}", false},
        {{"a", "b", "c"}, "{\"filter_subjects\":[\"a\",\"b\",\"c\"]}", true},
        {{"a", "b", "c"}, "{\"filter_subjects\":[\"c\",\"a\",\"b\"]}", true},
        {{"a", "b", "c"}, "{\"filter_subjects\":[\"a\",\"b\"]}", false},
        {{"a", "b", "c"}, "{\"filter_subjects\":[\"a\",\"b\",\"d\"]}", false},
        {{"a", "b", "c"}, "{\"filter_subjects\":[\"a\",\"b\",\"c\",\"d\"]}", false},
        {{"a", "b"}, "{\"filter_subject\":\"a\"}", false},
        {{NULL}, "{}", true},
        {{NULL}, "{\"filter_subject\":\"a\"}", false},
    };
    FOR_EACH (filter, filters) {
        struct durable_spec spec = {.n_filters = 0};
        while (filter->filters[spec.n_filters]) {
            spec.filters[spec.n_filters] = filter->filters[spec.n_filters];
            spec.n_filters++;
        }
        json_t *config = json_of(filter->config);
        if (durable_config_has_filters(&spec, config) != filter->expected)
            fail_msg("%zu filters and %s", spec.n_filters, filter->config);
        json_decref(config);
    }
}
