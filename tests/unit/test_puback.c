/* The answers are those of nats-server 2.10 to 2.15, unless a comment says otherwise. */
#include "nats/puback.h"

#include "base/cleanup.h"
#include "nats/nats_cleanup.h"

#include "nats_library.h"

#define ERROR(http, code, words)                                                                   \
    "{\"type\":\"io.nats.jetstream.api.v1.pub_ack_response\",\"error\":{\"code\":" #http           \
    ",\"err_code\":" #code ",\"description\":\"" words "\"},\"stream\":\"orders_stream\","         \
    "\"seq\":0}"

static const struct {
    const char *answer;
    enum puback_kind kind;
    uint64_t seq;
    int error_code;
    const char *description;
} rows[] = {
    {"{\"stream\":\"orders_stream\", \"seq\":7}", PUBACK_STORED, 7, 0, ""},
    {"{\"stream\":\"orders_stream\", \"domain\":\"hub\", \"seq\":7}", PUBACK_STORED, 7, 0, ""},
    {"{\"stream\":\"orders_stream\", \"seq\":9223372036854775807}", PUBACK_STORED, INT64_MAX, 0,
     ""},
    {"{\"stream\":\"orders_stream\", \"seq\":7,\"duplicate\": true}", PUBACK_DUPLICATE, 7, 0, ""},
    /* other forms of JSON that servers might write */
    {"{\"stream\":\"o\",\"seq\":7,\"duplicate\":true}", PUBACK_DUPLICATE, 7, 0, ""},
    {"{\"duplicate\": true, \"seq\":7, \"stream\":\"o\"}", PUBACK_DUPLICATE, 7, 0, ""},
    {" { \"stream\" : \"o\" , \"seq\" : 7 } ", PUBACK_STORED, 7, 0, ""},
    {"{\"stream\":\"a\\\"b\",\"seq\":7}", PUBACK_STORED, 7, 0, ""},
    {"{\"stream\":\"\xC3\xA9\",\"seq\":7}", PUBACK_STORED, 7, 0, ""},
    {"{\"stream\":\"o\",\"seq\":7,\"batch\":\"b\",\"count\":2}", PUBACK_STORED, 7, 0, ""},
    {"{\"stream\":\"o\",\"seq\":7,\"seq\":8}", PUBACK_STORED, 8, 0, ""},
    {"{\"stream\":\"orders_stream\", \"seq\":7,\"duplicate\": false}", PUBACK_STORED, 7, 0, ""},
    /* 2.10, three replicas, of a job that it refused as full: not stored */
    {"{\"stream\":\"orders_stream\", \"seq\":0,\"duplicate\": true}", PUBACK_AGAIN, 0, 0, ""},
    {ERROR(400, 10071, "wrong last sequence: 3"), PUBACK_EXISTS, 0, 10071,
     "wrong last sequence: 3"},
    {ERROR(400, 10164, "wrong last sequence"), PUBACK_AGAIN, 0, 10164, "wrong last sequence"},
    {ERROR(409, 10158, "duplicate message id is in process"), PUBACK_AGAIN, 0, 10158,
     "duplicate message id is in process"},
    {ERROR(503, 10077, "maximum bytes exceeded"), PUBACK_FULL, 0, 10077, "maximum bytes exceeded"},
    {ERROR(503, 10077, "maximum messages per subject exceeded"), PUBACK_FULL, 0, 10077,
     "maximum messages per subject exceeded"},
    {ERROR(503, 10023, "insufficient resources"), PUBACK_FULL, 0, 10023, "insufficient resources"},
    {ERROR(400, 10002, "resource limits exceeded for account"), PUBACK_FULL, 0, 10002,
     "resource limits exceeded for account"},
    {ERROR(500, 10047, "insufficient storage resources available"), PUBACK_FULL, 0, 10047,
     "insufficient storage resources available"},
    {ERROR(500, 10028, "insufficient memory resources available"), PUBACK_FULL, 0, 10028,
     "insufficient memory resources available"},
    {ERROR(400, 10054, "message size exceeds maximum allowed"), PUBACK_TOO_LARGE, 0, 10054,
     "message size exceeds maximum allowed"},
    {ERROR(400, 10109, "invalid operation on sealed stream"), PUBACK_REFUSED, 0, 10109,
     "invalid operation on sealed stream"},
    {ERROR(400, 10097, "header size exceeds maximum allowed of 64k"), PUBACK_REFUSED, 0, 10097,
     "header size exceeds maximum allowed of 64k"},
    {ERROR(400, 10070, "wrong last msg ID: x"), PUBACK_REFUSED, 0, 10070, "wrong last msg ID: x"},
    {ERROR(400, 10111, "rollup not permitted"), PUBACK_REFUSED, 0, 10111, "rollup not permitted"},
    {ERROR(400, 10003, "bad request"), PUBACK_REFUSED, 0, 10003, "bad request"},
    {ERROR(503, 10008, "JetStream system temporarily unavailable"), PUBACK_AGAIN, 0, 10008,
     "JetStream system temporarily unavailable"},
    {ERROR(429, 10167, "too many requests"), PUBACK_AGAIN, 0, 10167, "too many requests"},
    /* made up: future codes */
    {ERROR(400, 19999, "something new"), PUBACK_REFUSED, 0, 19999, "something new"},
    {ERROR(503, 19999, "something passing"), PUBACK_AGAIN, 0, 19999, "something passing"},
    {ERROR(500, 19999, "something broken"), PUBACK_AGAIN, 0, 19999, "something broken"},
    {ERROR(500, 10049, "JetStream error"), PUBACK_AGAIN, 0, 10049, "JetStream error"},
    {ERROR(504, 19999, "a time-out"), PUBACK_AGAIN, 0, 19999, "a time-out"},
    /* made up: no PubAcks */
    {"", PUBACK_AGAIN, 0, 0, ""},
    {"+OK", PUBACK_AGAIN, 0, 0, ""},
    {"{}", PUBACK_AGAIN, 0, 0, ""},
    {"[]", PUBACK_AGAIN, 0, 0, ""},
    {"null", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"orders_stream\", \"seq\":7", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"orders_stream\", \"seq\":7} and more", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"orders_stream\"}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"seq\":-1}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"o\",\"seq\":07}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"o\",\"seq\":7,}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"o\",\"seq\":}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"stream\":\"o", PUBACK_AGAIN, 0, 0, ""},
    {"{\"seq\":\"7\"}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"seq\":7.5}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"seq\":18446744073709551616}", PUBACK_AGAIN, 0, 0, ""},
    {"{\"seq\":7,\"duplicate\":\"yes\"}", PUBACK_STORED, 7, 0, ""},
    {"{\"seq\":7,\"error\":{\"code\":503}}", PUBACK_AGAIN, 7, 0, ""},
};

TEST(reads_the_answers_of_servers)
{
    FOR_EACH (row, rows) {
        struct puback puback;
        puback_parse(row->answer, strlen(row->answer), &puback);
        if (puback.kind != row->kind)
            fail_msg("%s: is '%s', not '%s'", row->answer, puback_kind_text(puback.kind),
                     puback_kind_text(row->kind));
        assert_int_equal(puback.seq, row->seq);
        assert_int_equal(puback.error_code, row->error_code);
        assert_string_equal(puback.description, row->description);
    }
}

TEST(a_long_description_is_cut)
{
    char answer[1000], words[600];
    struct puback puback;
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    int length = snprintf(
        answer, sizeof answer,
        "{\"error\":{\"code\":503,\"err_code\":10077,\"description\":\"%s\"},\"seq\":0}", words);
    puback_parse(answer, (size_t)length, &puback);
    assert_int_equal(puback.kind, PUBACK_FULL);
    assert_int_equal(strlen(puback.description), sizeof puback.description - 1);
}

TEST(reads_exactly_the_given_length)
{
    static const char bytes[] = "{\"seq\":7}garbage behind it";
    struct puback puback;
    puback_parse(bytes, strlen("{\"seq\":7}"), &puback);
    assert_int_equal(puback.kind, PUBACK_STORED);
}

TEST(only_three_kinds_confirm)
{
    for (int kind = PUBACK_AGAIN; kind <= PUBACK_REFUSED; kind++) {
        const struct puback puback = {.kind = (enum puback_kind)kind};
        assert_int_equal(puback_confirms(&puback), kind == PUBACK_STORED ||
                                                       kind == PUBACK_DUPLICATE ||
                                                       kind == PUBACK_EXISTS);
    }
}

TEST(every_kind_has_its_own_text)
{
    for (int kind = PUBACK_AGAIN; kind <= PUBACK_REFUSED; kind++) {
        const char *text = puback_kind_text((enum puback_kind)kind);
        assert_string_not_equal(text, "unknown");
        for (int other = PUBACK_AGAIN; other < kind; other++)
            assert_string_not_equal(text, puback_kind_text((enum puback_kind)other));
    }
    assert_string_equal(puback_kind_text((enum puback_kind)99), "unknown");
}

TEST(reads_messages)
{
    static const char ack[] = "{\"stream\":\"orders_stream\", \"seq\":7}";
    natsMsg *message = NULL;
    struct puback puback;
    assert_int_equal(natsMsg_Create(&message, "a", NULL, ack, (int)strlen(ack)), NATS_OK);
    puback_read(message, &puback);
    natsMsg_Destroy(message);
    assert_int_equal(puback.kind, PUBACK_STORED);

    assert_int_equal(natsMsg_Create(&message, "a", NULL, NULL, 0), NATS_OK);
    assert_int_equal(natsMsgHeader_Set(message, "Status", "503"), NATS_OK);
    puback_read(message, &puback);
    natsMsg_Destroy(message);
    assert_int_equal(puback.kind, PUBACK_NO_STREAM);
}

TEST(the_ack_of_another_stream_is_refused)
{
    static const struct {
        const char *answer;
        enum puback_kind kind;
    } answers[] = {
        {"{\"stream\":\"mine\", \"seq\":7}", PUBACK_STORED},
        {"{\"stream\":\"mine\", \"seq\":7,\"duplicate\": true}", PUBACK_DUPLICATE},
        {"{\"stream\":\"mine2\", \"seq\":7}", PUBACK_REFUSED},
        {"{\"stream\":\"other\", \"seq\":7,\"duplicate\": true}", PUBACK_REFUSED},
        {"{\"seq\":7}", PUBACK_REFUSED},
        {ERROR(400, 10071, "wrong last sequence: 3"), PUBACK_EXISTS},
        {ERROR(503, 10077, "maximum bytes exceeded"), PUBACK_FULL},
    };
    FOR_EACH (each, answers) {
        _cleanup_(cleanup_msg) natsMsg *message = NULL;
        struct puback puback;
        const char *answer = each->answer;
        assert_int_equal(natsMsg_Create(&message, "a", NULL, answer, (int)strlen(answer)), NATS_OK);
        puback_read(message, &puback);
        puback_require_stream(&puback, message, "mine");
        if (puback.kind != each->kind)
            fail_msg("%s: is '%s'", answer, puback_kind_text(puback.kind));
    }
}
