#include "queue/first_match.h"

#include "base/cleanup.h"
#include "nats/nats_cleanup.h"

#include "nats_library.h"

#define TIME "1970-01-01T00:00:00.00000000"

/* Names and values in turn, as the server (nats-server 2.15) sends them. */
static const struct row {
    const char *headers[20];
    struct first_match expected;
} rows[] = {
    {{"Nats-Sequence", "7", "Nats-Time-Stamp", TIME "5Z", "Nats-Num-Pending", "3"},
     {.is_known = true, .n = 4, .seq = 7, .time = 5}},
    {{"Nats-Sequence", "7", "Nats-Time-Stamp", TIME "5Z", "Nats-Num-Pending", "0", "Died",
      TIME "4Z"},
     {.is_known = true, .n = 1, .seq = 7, .time = 4}},
    {{"Nats-Sequence", "7", "Nats-Time-Stamp", TIME "5Z", "Nats-Num-Pending", "0", "Died", "then"},
     {.is_known = true, .n = 1, .seq = 7, .time = 5}},
    /* the message has such headers itself */
    {{"Nats-Sequence", "1", "Nats-Num-Pending", "1", "Nats-Time-Stamp", TIME "1Z", "Nats-Sequence",
      "7", "Nats-Time-Stamp", TIME "5Z", "Nats-Num-Pending", "0"},
     {.is_known = true, .n = 1, .seq = 7, .time = 5}},
    {{"Status", "404", "Description", "Message Not Found"}, {.is_known = true}},
    {{"Status", "408", "Description", "Bad Request"}, {.is_known = false}},
    {{NULL}, {.is_known = false}},
};

static void check(const struct row *row)
{
    _cleanup_(cleanup_msg) natsMsg *answer = NULL;
    assert_int_equal(natsMsg_Create(&answer, "subject", NULL, "", 0), NATS_OK);
    for (size_t i = 0; row->headers[i]; i += 2)
        natsMsgHeader_Add(answer, row->headers[i], row->headers[i + 1]);
    struct first_match match = first_match_read(answer, "Died");
    assert_int_equal(match.is_known, row->expected.is_known);
    assert_int_equal(match.n, row->expected.n);
    assert_int_equal(match.seq, row->expected.seq);
    assert_int_equal(match.time, row->expected.time);
}

TEST(reads_the_first_message_and_the_number_of_the_others)
{
    FOR_EACH (row, rows)
        check(row);
    assert_false(first_match_read(NULL, NULL).is_known);
}

TEST(asks_for_one_message)
{
    struct error error = {0};
    char *body = first_match_body("orders.\"quoted\"", 0, &error);
    assert_string_equal(body, "{\"seq\":1,\"next_by_subj\":\"orders.\\\"quoted\\\"\",\"batch\":1}");
    free(body);
    body = first_match_body(">", 12, &error);
    assert_string_equal(body, "{\"seq\":12,\"next_by_subj\":\">\",\"batch\":1}");
    free(body);
}
