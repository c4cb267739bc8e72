#include "handler/job_name.h"

#include "unit.h"

#include <nats/nats.h>
#include <string.h>

static char program[] = "./handler";
static char *command[] = {program, NULL};

static const struct {
    bool shows_bodies, has_command;
    const char *body, *id;
    const char *text, *seq, *end;
} cases[] = {
    /* The lines of basic usage stay as they are. */
    {true, false, "order-0", NULL, "order-0", " (# 12)", ""},
    {true, false, "a\nb", "id-1", "a\\nb", " (# 12)", ""},
    {true, true, "order-0", NULL, "order-0", " (# 12)", " (# 12)"},
    {false, true, "secret", NULL, "# 12", "", ""},
    {false, true, "secret", "", "# 12", "", ""},
    {false, true, "secret", "id-1", "# 12 (id-1)", "", ""},
    {false, false, "secret", "id\x1b-1", "# 12 (id\\x1b-1)", "", ""},
    /* The id of a put-back is not the job's. */
    {false, true, "secret", "retry:orders:1:2:1", "# 12", "", ""},
};

TEST(a_job_is_named_by_its_body_or_by_sequence_and_id)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct handler_options options = {.shows_bodies = cases[i].shows_bodies,
                                                .command = cases[i].has_command ? command : NULL};
        struct job job = {0};
        struct job_name name;
        assert_int_equal(natsMsg_Create(&job.message, "orders.new", NULL, cases[i].body,
                                        (int)strlen(cases[i].body)),
                         NATS_OK);
        if (cases[i].id)
            assert_int_equal(natsMsgHeader_Set(job.message, "Nats-Msg-Id", cases[i].id), NATS_OK);
        assert_ptr_equal(job_name(&name, &options, &job, 12), &name);
        assert_string_equal(name.text, cases[i].text);
        assert_string_equal(name.seq, cases[i].seq);
        assert_string_equal(name.end, cases[i].end);
        job_clear(&job);
    }
}

TEST(a_long_id_is_cut)
{
    char id[5001];
    struct job job = {0};
    struct job_name name;
    memset(id, 1, sizeof id - 1); /* each becomes four characters */
    id[sizeof id - 1] = '\0';
    const struct handler_options options = {.command = command};
    assert_int_equal(natsMsg_Create(&job.message, "orders.new", NULL, "", 0), NATS_OK);
    assert_int_equal(natsMsgHeader_Set(job.message, "Nats-Msg-Id", id), NATS_OK);
    job_name(&name, &options, &job, UINT64_MAX);
    assert_non_null(strstr(name.text, "# 18446744073709551615 (\\x01"));
    assert_string_equal(name.text + strlen(name.text) - strlen("…)"), "…)");
    job_clear(&job);
}
