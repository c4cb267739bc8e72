#include "nats/delivery.h"

#include "unit.h"

TEST(reads_every_form_of_reply_subject)
{
    static const struct {
        const char *reply;
        struct delivery delivery;
    } rows[] = {
        {"$JS.ACK.orders_stream.processor.1.2.3.1795561856123456789.4",
         {1, 2, 1795561856123456789, 4}},
        {"$JS.ACK.hub.ABCDEF.orders_stream.processor.1.2.3.1795561856123456789.4",
         {1, 2, 1795561856123456789, 4}},
        {"$JS.ACK._.ABCDEF.orders_stream.processor.1.2.3.1795561856123456789.4.Xy7",
         {1, 2, 1795561856123456789, 4}},
        {"$JS.ACK._.ABCDEF.orders_stream.processor.1.2.3.1795561856123456789.4.9",
         {1, 2, 1795561856123456789, 4}},
        {"$JS.ACK.s.c.7.8.9.10.0", {7, 8, 10, 0}},
        /* names that consist of digits */
        {"$JS.ACK.1.2.3.4.5.6.7", {3, 4, 6, 7}},
        {"$JS.ACK.1.2.3.4.5.6.7.8.9", {5, 6, 8, 9}},
        {"$JS.ACK.1.2.3.4.5.6.7.8.9.10", {5, 6, 8, 9}},
        {"$JS.ACK.s.c.18446744073709551615.18446744073709551615.1.9223372036854775807."
         "18446744073709551615",
         {UINT64_MAX, UINT64_MAX, INT64_MAX, UINT64_MAX}},
    };
    FOR_EACH (row, rows) {
        struct delivery delivery;
        if (!delivery_parse(row->reply, &delivery))
            fail_msg("%s is refused", row->reply);
        assert_int_equal(delivery.deliveries, row->delivery.deliveries);
        assert_int_equal(delivery.seq, row->delivery.seq);
        assert_int_equal(delivery.stored_at, row->delivery.stored_at);
        assert_int_equal(delivery.pending, row->delivery.pending);
    }
}

TEST(refuses_other_subjects)
{
    static const char *const replies[] = {
        NULL,
        "",
        "$JS.ACK",
        "$JS.ACK.",
        "_INBOX.abc.1",
        "$JS.ACK.s.c.1.2.3.4",           /* 8 tokens */
        "$JS.ACK.d.s.c.1.2.3.4.5",       /* 10 */
        "$JS.ACK.d.a.s.c.1.2.3.4.5.6.7", /* 13 */
        "$JS.ACK.d.a.s.c.1.2.3.4.5.6.7.8.9.10.11.12",
        "$js.ack.s.c.1.2.3.4.5",
        "x$JS.ACK.s.c.1.2.3.4.5",
        "$JS.ACK.s.c.x.2.3.4.5",
        "$JS.ACK.s.c.1.x.3.4.5",
        "$JS.ACK.s.c.1.2.x.4.5",
        "$JS.ACK.s.c.1.2.3.x.5",
        "$JS.ACK.s.c.1.2.3.4.x",
        "$JS.ACK.s.c..2.3.4.5",
        "$JS.ACK.s.c.1..3.4.5",
        "$JS.ACK.s.c.1.2..4.5",
        "$JS.ACK.s.c.1.2.3..5",
        "$JS.ACK.s.c.1.2.3.4.",
        "$JS.ACK.s.c.-1.2.3.4.5",
        "$JS.ACK.s.c.+1.2.3.4.5",
        "$JS.ACK.s.c. 1.2.3.4.5",
        "$JS.ACK.s.c.1 .2.3.4.5",
        "$JS.ACK.s.c.0x1.2.3.4.5",
        "$JS.ACK.s.c.18446744073709551616.2.3.4.5",
        "$JS.ACK.s.c.1.18446744073709551616.3.4.5",
        "$JS.ACK.s.c.1.99999999999999999999999.3.4.5",
        "$JS.ACK.s.c.1.2.3.4.18446744073709551616",
        "$JS.ACK.s.c.1.2.3.9223372036854775808.5", /* beyond int64_t: a time before 1970 */
        "$JS.ACK.s.c.1.2.3.18446744073709551615.5",
        "$JS.ACK.s.c.0.2.3.4.5", /* attempts and sequences count from 1 */
        "$JS.ACK.s.c.1.0.3.4.5",
    };
    FOR_EACH (replie, replies) {
        struct delivery delivery;
        if (delivery_parse(*replie, &delivery))
            fail_msg("'%s' is taken", *replie);
    }
}

TEST(refuses_a_subject_that_is_cut)
{
    static const char whole[] = "$JS.ACK.s.c.1.2.3.4.5";
    for (size_t length = 0; length + 1 < sizeof whole; length++) {
        char reply[sizeof whole] = {0};
        struct delivery delivery;
        memcpy(reply, whole, length);
        assert_false(delivery_parse(reply, &delivery));
    }
}

TEST(finds_the_prefix_of_acknowledgements)
{
    char prefix[DELIVERY_PREFIX_MAX];
    assert_true(delivery_prefix("$JS.ACK.s.c.7.8.9.10.0", prefix));
    assert_string_equal(prefix, "$JS.ACK.");
    assert_true(delivery_prefix("$JS.ACK._.ABCDEF.s.c.7.8.9.10.0", prefix));
    assert_string_equal(prefix, "$JS.ACK._.ABCDEF.");
    assert_false(delivery_prefix("_INBOX.x", prefix));
    assert_false(delivery_prefix(NULL, prefix));
}

TEST(names_the_permission_for_acknowledgements)
{
    static const char *const rows[][3] = {
        {"$JS.ACK.s.c.7.8.9.10.0", "s", "$JS.ACK.s.c.>"},
        {"$JS.ACK._.ABCDEF.s.c.7.8.9.10.0", "s", "$JS.ACK._.ABCDEF.s.c.>"},
        {"$JS.ACK.s.ABCDEF.s.c.7.8.9.10.0", "s", "$JS.ACK.s.ABCDEF.s.c.>"},
        {"$JS.ACK._.ABCDEF.s.c.7.8", "s", "$JS.ACK._.ABCDEF.s.c.>"}, /* cut */
        {"$JS.ACK.s.c.7.8.9.10.0", "other", NULL},
        {"$JS.ACK.stream.c.7.8.9.10.0", "s", NULL},
        {"$JS.ACK.s", "s", NULL},
        {"$JS.API.STREAM.INFO.s", "s", NULL},
        {"", "s", NULL},
    };
    FOR_EACH (row, rows) {
        char permission[DELIVERY_PERMISSION_MAX] = "";
        assert_int_equal(delivery_permission((*row)[0], (*row)[1], permission), !!(*row)[2]);
        assert_string_equal(permission, (*row)[2] ? (*row)[2] : "");
    }
}
