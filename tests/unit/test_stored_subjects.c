#include "queue/stored_subjects.h"

#include "unit.h"

#include <jansson.h>

#define TRANSFORM(from, to) "{\"src\":\"" from "\",\"dest\":\"" to "\"}"
#define OWN(from, to) "\"subject_transform\":" TRANSFORM(from, to)
#define ORDERS "\"subjects\":[\"orders.*\"]"

static const struct {
    const char *config;
    const char *stored;   /* as text */
    const char *subject;  /* one that is stored */
    const char *way_back; /* NULL: none */
} cases[] = {
    {"{" ORDERS "}", "orders.*", "orders.new", "orders.new"},
    {"{\"subjects\":[\"a\",\"b.>\"]}", "a, b.>", "b.c.d", "b.c.d"},
    {"{" ORDERS "," OWN("orders.*", "jobs.{{wildcard(1)}}") "}", "jobs.*", "jobs.a", "orders.a"},
    {"{" ORDERS "," OWN("orders.*", "jobs.$1") "}", "jobs.*", "jobs.a", "orders.a"},
    {"{" ORDERS "," OWN("", "all.>") "}", "all.>", "all.orders.a", "orders.a"},
    {"{" ORDERS "," OWN(">", ">") "}", ">", "orders.a", "orders.a"},
    {"{" ORDERS "," OWN("orders.new", "jobs.new") "}", "orders.*, jobs.new", "jobs.new",
     "orders.new"},
    {"{" ORDERS "," OWN("orders.new", "jobs.new") "}", "orders.*, jobs.new", "orders.old",
     "orders.old"},
    {"{" ORDERS "," OWN("orders.new", "jobs.new") "}", "orders.*, jobs.new", "orders.new", NULL},
    {"{" ORDERS "," OWN("other.*", "jobs.$1") "}", "orders.*", "orders.a", "orders.a"},
    {"{" ORDERS "," OWN("orders.*", "jobs.{{partition(3,1)}}") "}", "jobs.*", "jobs.2", NULL},
    {"{" ORDERS "," OWN("orders.*", "jobs.{{Partition(3,1)}}.{{ Wildcard(1) }}") "}", "jobs.*.*",
     "jobs.2.a", "orders.a"},
    {"{" ORDERS "," OWN("orders.*", "jobs.{{splitfromleft(1,3)}}") "}", "jobs.>", "jobs.a.b", NULL},
    {"{" ORDERS "," OWN("orders.*", "jobs.{{split(1,.)}}.x") "}", "jobs.>", "jobs.a.x", NULL},
    {"{\"subjects\":[\"a.*.*\"]," OWN("a.*.*", "b.$2.$1") "}", "b.*.*", "b.x.y", "a.y.x"},
    {"{\"sources\":[{\"name\":\"s\"}]}", ">", "s.a", "s.a"},
    {"{\"sources\":[{\"name\":\"s\",\"filter_subject\":\"s.x\"}]}", "s.x", "s.x", "s.x"},
    {"{\"sources\":[{\"name\":\"s\",\"subject_transforms\":[" TRANSFORM("s.*", "orders.$1") "]}]}",
     "orders.*", "orders.a", "s.a"},
    {"{\"sources\":[{\"name\":\"s\",\"subject_transforms\":[" TRANSFORM("s.*", "") "]}]}", "s.*",
     "s.a", "s.a"},
    {"{\"sources\":[{\"name\":\"s\",\"subject_transforms\":[" TRANSFORM("s.*", "jobs") "]}]}",
     "jobs", "jobs", NULL},
    {"{" ORDERS
     "," OWN("orders.*", "jobs.$1") ",\"sources\":[{\"name\":\"s\","
                                    "\"subject_transforms\":[" TRANSFORM("s.*", "orders.$1") "]}]}",
     "jobs.*, jobs.*", "jobs.a", "orders.a"},
    {"{\"mirror\":{\"name\":\"m\",\"filter_subject\":\"m.>\"}}", "m.>", "m.a", NULL},
};

TEST(the_stored_subjects_follow_from_the_configuration)
{
    FOR_EACH (example, cases) {
        char text[256];
        struct way_back way;
        json_t *config = json_loads(example->config, 0, NULL);
        if (!config)
            fail_msg("no JSON: %s", example->config);
        assert_string_equal(stored_subjects_text(config, text, sizeof text), example->stored);
        assert_true(stored_subjects_match(config, example->subject));
        bool leads = stored_subjects_way_back(config, example->subject, &way);
        if (leads != (example->way_back != NULL))
            fail_msg("%s: %s", example->config, leads ? way.to : "no way back");
        if (leads)
            assert_string_equal(way.to, example->way_back);
        if (leads) /* those with sources have no subjects of their own, or need none */
            assert_int_equal(way.through != NULL, !json_object_get(config, "subjects"));
        json_decref(config);
    }
}

TEST(a_subject_that_is_transformed_is_not_stored)
{
    json_t *config = json_loads("{" ORDERS "," OWN("orders.*", "jobs.$1") "}", 0, NULL);
    struct way_back way;
    assert_false(stored_subjects_match(config, "orders.*"));
    assert_true(stored_subjects_match(config, "jobs.new"));
    assert_false(stored_subjects_way_back(config, "orders.new", &way));
    assert_false(stored_subjects_way_back(config, "jobs.a.b", &way));
    json_decref(config);
}

TEST(a_subject_that_is_too_long_has_no_way_back)
{
    char subject[2 * SUBJECT_TRANSFORM_MAX] = "jobs.";
    struct way_back way;
    memset(subject + 5, 'x', sizeof subject - 6);
    json_t *config = json_loads("{" ORDERS "," OWN("orders.*", "jobs.$1") "}", 0, NULL);
    assert_false(stored_subjects_way_back(config, subject, &way));
    json_decref(config);
}
