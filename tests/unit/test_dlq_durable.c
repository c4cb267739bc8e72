#include "streams/dlq_durable.h"

#include "unit.h"

#include <jansson.h>

TEST(names_and_filters_of_the_durables)
{
    struct dlq_durable durable;
    dlq_durable_begin(&durable, DUTY_DECIDE, "dlq", "o_1");
    assert_string_equal(durable.plain, "letter_handler");
    assert_string_equal(durable.own, "letter_handler_o_1");
    assert_string_equal(durable.filter, "natsq.dead.o_1.>");
    assert_string_equal(durable.name, "letter_handler");
    dlq_durable_begin(&durable, DUTY_COLLECT, "dlq", "o");
    assert_string_equal(durable.own, "unprocessed_order_handler_o");
    assert_string_equal(durable.filter, "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.o.*");
}

/* Configurations as the server reports them, for the durable that decides the letters of `o`. */
static const struct {
    const char *config;
    enum dlq_owner expected;
} configs[] = {
    {NULL, OWNER_NOBODY},
    {"{\"filter_subject\":\"natsq.dead.o.>\"}", OWNER_US},
    {"{\"filter_subjects\":[\"natsq.dead.o.>\"]}", OWNER_US},
    {"{\"filter_subject\":\"natsq.dead.o.processor.>\"}", OWNER_US_OTHER_FILTER},
    {"{\"filter_subject\":\"natsq.held.o.>\"}", OWNER_US_OTHER_FILTER},
    {"{\"filter_subject\":\"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.o.*\"}",
     OWNER_US_OTHER_FILTER},
    {"{\"filter_subjects\":[\"natsq.dead.o.>\",\"natsq.held.o.>\"]}", OWNER_US_OTHER_FILTER},
    {"{\"filter_subject\":\"natsq.dead.>\"}", OWNER_US_OTHER_FILTER},
    {"{}", OWNER_US_OTHER_FILTER}, /* all subjects, including ours */
    {"{\"filter_subject\":\"natsq.dead.o_1.>\"}", OWNER_OTHER},
    {"{\"filter_subject\":\"natsq.dead.oo.>\"}", OWNER_OTHER},
    {"{\"filter_subject\":\"natsq.dead.p.o.>\"}", OWNER_OTHER},
    {"{\"filter_subject\":\"natsq.held.o_1.>\"}", OWNER_OTHER},
    {"{\"filter_subjects\":[\"natsq.dead.o.>\",\"natsq.dead.p.>\"]}", OWNER_OTHER},
    {"{\"filter_subject\":\"something.else\"}", OWNER_OTHER},
};

TEST(the_filter_shows_the_owner)
{
    struct dlq_durable durable;
    dlq_durable_begin(&durable, DUTY_DECIDE, "dlq", "o");
    for (size_t i = 0; i < LENGTH(configs); i++) {
        const char *text = configs[i].config;
        json_t *config = text ? json_loads(text, 0, NULL) : NULL;
        if (dlq_durable_owner(&durable, config) != configs[i].expected)
            fail_msg("config %zu: %s", i, text ? text : "none");
        json_decref(config);
    }
}

enum { PLAIN, OWN, NEITHER };

/* By owner of the plain name (rows) and of our own name (columns: NOBODY, US, OTHER_FILTER, OTHER).
 */
static const int chosen[4][4] = {
    [OWNER_NOBODY] = {PLAIN, OWN, OWN, PLAIN},
    [OWNER_US] = {PLAIN, OWN, PLAIN, PLAIN},
    [OWNER_US_OTHER_FILTER] = {PLAIN, OWN, OWN, PLAIN},
    [OWNER_OTHER] = {OWN, OWN, OWN, NEITHER},
};

TEST(the_name_depends_on_the_owners_of_both)
{
    struct dlq_durable durable;
    dlq_durable_begin(&durable, DUTY_DECIDE, "dlq", "o");
    for (int plain = OWNER_NOBODY; plain <= OWNER_OTHER; plain++)
        for (int own = OWNER_NOBODY; own <= OWNER_OTHER; own++) {
            const char *name =
                dlq_durable_choose(&durable, (enum dlq_owner)plain, (enum dlq_owner)own);
            int is = !name ? NEITHER : name == durable.own ? OWN : PLAIN;
            if (is != chosen[plain][own])
                fail_msg("plain %d, own %d: %s", plain, own, name ? name : "neither");
        }
}
