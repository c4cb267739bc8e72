#include "doctor/stream_guess.h"

#include "base/cleanup.h"

#include "unit.h"

#include <jansson.h>

/* Two queues with a DLQ stream each, a third whose DLQ stream is that of the first, and a stream
 * that is neither. */
static const char streams_text[] =
    "[{\"config\":{\"name\":\"orders_stream\",\"subjects\":[\"orders.*\"]}},"
    " {\"config\":{\"name\":\"orders_unprocessed\",\"subjects\":[\"natsq.dead.orders_stream.>\","
    "   \"natsq.held.orders_stream.>\",\"natsq.dead.returns.>\"]}},"
    " {\"config\":{\"name\":\"returns\",\"subjects\":[\"returns.*\"]}},"
    " {\"config\":{\"name\":\"mails\",\"subjects\":[\"mails.*\"]}},"
    " {\"config\":{\"name\":\"dead_mails\","
    "   \"subjects\":[\"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.mails.*\"]}},"
    " {\"config\":{\"name\":\"log\",\"subjects\":[\"log.>\"]}}]";

static const struct {
    const char *stream, *origin;      /* as given */
    const char *meant, *meant_origin; /* NULL: no guess */
} cases[] = {
    {"orders_stream", "orders_unprocessed", "orders_unprocessed", "orders_stream"},
    {"orders_unprocessed", "orders_steam", "orders_unprocessed", "orders_stream"},
    {"order_unprocesed", "orders_steam", "orders_unprocessed", "orders_stream"},
    {"orders_steam", "order_unprocesed", "orders_unprocessed", "orders_stream"},
    {"orders_unprocessed", "return", "orders_unprocessed", "returns"},
    {"orders_unprocessed", "log", "orders_unprocessed", "returns"},
    {"dead_mails", "orders_stream", "dead_mails", "mails"},
    {"dead_mail", "mail", "dead_mails", "mails"},
    {"mails", "mails_dlq", "dead_mails", "mails"},
    {"log", "other", NULL, NULL},
    {"unprocessed", "stream", NULL, NULL},
};

TEST(the_nearest_pair_is_guessed)
{
    _cleanup_(json_decrefp) json_t *streams = json_loads(streams_text, 0, NULL);
    assert_non_null(streams);
    FOR_EACH (each, cases) {
        struct stream_guess guess = {NULL, NULL};
        bool found = stream_guess(streams, each->stream, each->origin, &guess);
        if (found != (each->meant != NULL))
            fail_msg("%s %s: %s %s", each->stream, each->origin, guess.stream, guess.origin);
        if (!found)
            continue;
        assert_string_equal(guess.stream, each->meant);
        assert_string_equal(guess.origin, each->meant_origin);
    }
}

TEST(without_streams_there_is_no_guess)
{
    struct stream_guess guess;
    assert_false(stream_guess(NULL, "a", "b", &guess));
}
