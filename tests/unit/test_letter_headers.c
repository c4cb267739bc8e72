/* The headers of a letter, and of a job that is put back from it. */
#include "letter/letter.h"

#include "letter_sample.h"

static const char *header(natsMsg *message, const char *name)
{
    const char *value = NULL;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : NULL;
}

static int count_values(natsMsg *message, const char *name)
{
    const char **values = NULL;
    int n = 0;
    natsMsgHeader_Values(message, name, &values, &n);
    free(values);
    return n;
}

static void assert_header(natsMsg *message, const char *name, const char *expected)
{
    const char *value = header(message, name);
    if (expected ? !value || strcmp(value, expected) != 0 : value != NULL)
        fail_msg("%s is '%s', not '%s'", name, value ? value : "missing",
                 expected ? expected : "missing");
    assert_true(count_values(message, name) == (expected ? 1 : 0));
}

/* Headers on which the server would act again, in any case of letters. */
static const char *const acting[] = {"Nats-Msg-Id",
                                     "Nats-Expected-Stream",
                                     "Nats-Expected-Last-Sequence",
                                     "Nats-Expected-Last-Subject-Sequence",
                                     "Nats-Expected-Last-Subject-Sequence-Subject",
                                     "Nats-Expected-Last-Msg-Id",
                                     "Nats-Schedule",
                                     "Nats-Schedule-Target",
                                     "Nats-Schedule-TTL",
                                     "Nats-Schedule-Source",
                                     "Nats-Schedule-Time-Zone",
                                     "Nats-Scheduler",
                                     "Nats-Schedule-Next",
                                     "Nats-Rollup",
                                     "Nats-TTL",
                                     "Nats-Batch-Id",
                                     "Nats-Batch-Sequence",
                                     "Nats-Batch-Commit",
                                     "Nats-Incr",
                                     "Nats-Stream-Source",
                                     "Nats-Msg-Size",
                                     "nats-msg-id",
                                     "NATS-TTL",
                                     "nats-expected-last-sequence"};

static const char *const kept[] = {"Trace", "traceparent", "Nats-Stream", "X-Nats-Msg-Id",
                                   "Content-Type"};

TEST(headers_on_which_the_server_acts_are_renamed)
{
    _cleanup_(cleanup_msg) natsMsg *from = message_on("orders.new"),
                                   *to = message_on("natsq.dead.x");
    const struct job job = {.message = from};
    FOR_EACH (each, acting)
        natsMsgHeader_Set(from, *each, "1");
    FOR_EACH (each, kept)
        natsMsgHeader_Set(from, *each, "k");
    natsMsgHeader_Add(from, "Trace", "");
    natsMsgHeader_Set(from, "Natsq-Reason", "of another death");
    natsMsgHeader_Set(from, "natsq-died-at", "of another death");
    assert_int_equal(letter_write(&full, &job, to), NATS_OK);
    FOR_EACH (each, acting) {
        char was[80];
        snprintf(was, sizeof was, "Natsq-Was-%s", *each);
        assert_header(to, was, "1");
        assert_header(to, *each, NULL);
    }
    for (size_t i = 1; i < LENGTH(kept); i++)
        assert_header(to, kept[i], "k");
    assert_int_equal(count_values(to, "Trace"), 2);
    assert_header(to, "Natsq-Reason", "exit 1");
    assert_header(to, "natsq-died-at", NULL);
}

/* nats.c 3.14 takes OrderId for Order: its hash leaves out the last two letters, and its look-up
 * compares as many as it was asked for (hash.c, natsStrHash_GetEx). */
static bool library_mixes_names_up(void)
{
    _cleanup_(cleanup_msg) natsMsg *message = message_on("probe");
    natsMsgHeader_Set(message, "OrderId", "7");
    return header(message, "Order") != NULL;
}

TEST(a_name_that_is_a_prefix_of_another_is_kept)
{
    if (library_mixes_names_up())
        skip();
    _cleanup_(cleanup_msg) natsMsg *from = message_on("orders.new"),
                                   *to = message_on("natsq.dead.x");
    const struct job job = {.message = from};
    static const char *const names[] = {"OrderId", "Order", "Nats", "Natsq"};
    for (size_t i = 0; i < 4; i++)
        natsMsgHeader_Add(from, names[i], names[i]);
    assert_int_equal(letter_write(&full, &job, to), NATS_OK);
    for (size_t i = 0; i < 4; i++)
        assert_header(to, names[i], names[i]);
    assert_header(to, "Natsq-Host", full.host);
}

/* The job dies, is put back, dies, …; each header exists once. */
TEST(the_first_id_survives_repeated_deaths)
{
    natsMsg *at = message_on("orders.new");
    natsMsgHeader_Set(at, "Nats-Msg-Id", "order-7");
    natsMsgHeader_Set(at, "Nats-TTL", "1h");
    natsMsgHeader_Set(at, "Trace", "a");
    for (uint64_t death = 1; death <= 3; death++) {
        char id[LETTER_SUBJECT_MAX], retries[24];
        struct letter letter = full;
        _cleanup_(cleanup_msg) natsMsg *died = at, *dead = message_on("natsq.dead.x");
        const struct job job = {.message = died, .delivery = {.seq = 6 + death, .stored_at = T}};
        letter_about(&letter, &job);
        assert_true(letter.seq == 6 + death && letter.stored_at == T);
        assert_int_equal(letter.retries, death - 1);
        assert_string_equal(letter.job_id, "order-7");
        assert_int_equal(letter_write(&letter, &job, dead), NATS_OK);
        assert_header(dead, "Natsq-Job-Id", "order-7");
        assert_header(dead, "Natsq-Was-Nats-Msg-Id", "order-7");
        assert_header(dead, "Natsq-Was-Nats-TTL", "1h");
        assert_header(dead, "Nats-Msg-Id", NULL);
        assert_header(dead, "Trace", "a");
        natsMsgHeader_Set(dead, "Nats-Expected-Last-Subject-Sequence", "0");
        at = message_on("orders.new");
        const struct job held = {.message = dead};
        assert_int_equal(letter_copy(&held, death, at), NATS_OK);
        assert_header(at, "Nats-Expected-Last-Subject-Sequence", NULL);
        snprintf(retries, sizeof retries, "%ju", (uintmax_t)death);
        assert_header(at, "Natsq-Retries", retries);
        natsMsgHeader_Set(at, "Nats-Msg-Id", letter_retry_id(&letter, death, id));
    }
    natsMsg_Destroy(at);
}

TEST(a_copy_has_no_headers_on_which_the_server_acts)
{
    _cleanup_(cleanup_msg) natsMsg *from = written(&full), *to = message_on("orders.new");
    const struct job job = {.message = from};
    struct letter read;
    FOR_EACH (each, acting)
        natsMsgHeader_Set(from, *each, "1");
    assert_int_equal(letter_copy(&job, 5, to), NATS_OK);
    FOR_EACH (each, acting)
        assert_header(to, *each, NULL);
    const struct job copy = {.message = to};
    assert_null(letter_read(&read, &copy));
    assert_int_equal(read.retries, 5);
    assert_string_equal(read.reason, full.reason);
}

/* What a handler prints can neither add a header nor end the block. */
TEST(an_error_text_cannot_add_headers)
{
    static const char evil[] = "\r\n oops\r\nNats-Msg-Id: x\r\n\r\nNats-Rollup: all\x1b[2J\n";
    struct letter letter = full;
    letter.error = letter.reason = letter.host = letter.job_id = evil;
    _cleanup_(cleanup_msg) natsMsg *message = written(&letter);
    static const char *const names[] = {"Natsq-Error", "Natsq-Reason", "Natsq-Host",
                                        "Natsq-Job-Id"};
    FOR_EACH (name, names)
        assert_header(message, *name, "oops  Nats-Msg-Id: x    Nats-Rollup: all [2J");
    assert_header(message, "Nats-Msg-Id", NULL);
    assert_header(message, "Nats-Rollup", NULL);
}
