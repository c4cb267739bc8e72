#include "letter/letter.h"

#include "letter_sample.h"

static void assert_same(const char *a, const char *b)
{
    if (a && b)
        assert_string_equal(a, b);
    else
        assert_ptr_equal(a, b);
}

static void assert_round_trip(const struct letter *letter)
{
    struct letter read;
    _cleanup_(cleanup_msg) natsMsg *message = written(letter);
    const struct job job = {.message = message};
    const char *fault = letter_read(&read, &job);
    if (fault)
        fail_msg("%s", fault);
    assert_same(read.origin, letter->origin);
    assert_same(read.consumer, letter->consumer);
    assert_same(read.subject, letter->subject);
    assert_same(read.reason, letter->reason);
    assert_same(read.error, letter->error);
    assert_same(read.host, letter->host);
    assert_same(read.job_id, letter->job_id);
    assert_true(read.seq == letter->seq && read.stored_at == letter->stored_at);
    assert_true(read.deliveries == letter->deliveries && read.retries == letter->retries);
    assert_true(read.died_at == letter->died_at && read.by_reference == letter->by_reference);
}

TEST(letters_read_back_as_written)
{
    char subject[3001], id[3001];
    for (size_t i = 0; i < sizeof subject - 1; i++)
        subject[i] = i % 2 ? '.' : 's';
    memset(id, 'i', sizeof id - 1);
    subject[sizeof subject - 2] = 's';
    subject[sizeof subject - 1] = id[sizeof id - 1] = '\0';
    struct letter least = full, most = full, by_reference = full, long_texts = full;
    least.error = least.host = least.job_id = NULL;
    least.retries = 0;
    least.stored_at = 0;
    most.seq = most.deliveries = most.retries = UINT64_MAX;
    by_reference.by_reference = true;
    long_texts.subject = subject; /* cut, the job would be put back elsewhere */
    long_texts.job_id = id;
    assert_round_trip(&full);
    assert_round_trip(&least);
    assert_round_trip(&most);
    assert_round_trip(&by_reference);
    assert_round_trip(&long_texts);
}

TEST(subjects_and_ids_name_the_job)
{
    char text[LETTER_SUBJECT_MAX];
    const struct letter later = {
        .origin = "o", .consumer = "c", .seq = UINT64_MAX, .stored_at = INT64_MAX};
    assert_string_equal(letter_subject(&full, SUBJECT_DEAD, text),
                        "natsq.dead.orders_stream.processor.7.1795561856123456789");
    assert_string_equal(letter_subject(&full, SUBJECT_HELD, text),
                        "natsq.held.orders_stream.processor.7.1795561856123456789");
    assert_string_equal(letter_subject(&later, SUBJECT_HELD, text),
                        "natsq.held.o.c.18446744073709551615.9223372036854775807");
    assert_string_equal(letter_retry_id(&full, 2, text),
                        "retry:orders_stream:7:1795561856123456789:2");
}

/* A server accepts names of 255 bytes. */
TEST(the_longest_names_fit_a_subject)
{
    char text[LETTER_SUBJECT_MAX], name[256] = {0}, end[] = ".18446744073709551615.1";
    memset(name, 'n', 255);
    const struct letter letter = {
        .origin = name, .consumer = name, .seq = UINT64_MAX, .stored_at = 1};
    letter_subject(&letter, SUBJECT_HELD, text);
    assert_string_equal(text + strlen(text) - strlen(end), end);
}

static const struct row {
    const char *header, *value; /* NULL: removed */
    const char *fault;          /* NULL: still a letter */
} rows[] = {
    {LETTER_ORIGIN_STREAM, NULL, "lacks a valid " LETTER_ORIGIN_STREAM},
    {LETTER_ORIGIN_STREAM, "", "lacks a valid " LETTER_ORIGIN_STREAM},
    {LETTER_ORIGIN_STREAM, "a.b", "lacks a valid " LETTER_ORIGIN_STREAM},
    {LETTER_CONSUMER, NULL, "lacks a valid " LETTER_CONSUMER},
    {LETTER_CONSUMER, "*", "lacks a valid " LETTER_CONSUMER},
    {LETTER_ORIGIN_SUBJECT, NULL, "lacks a valid " LETTER_ORIGIN_SUBJECT},
    {LETTER_ORIGIN_SUBJECT, "orders new", "lacks a valid " LETTER_ORIGIN_SUBJECT},
    {LETTER_ORIGIN_SUBJECT, "orders.>.new", "lacks a valid " LETTER_ORIGIN_SUBJECT},
    {LETTER_ORIGIN_SEQ, NULL, "lacks a valid " LETTER_ORIGIN_SEQ},
    {LETTER_ORIGIN_SEQ, "0", "lacks a valid " LETTER_ORIGIN_SEQ},
    {LETTER_ORIGIN_SEQ, "-1", "lacks a valid " LETTER_ORIGIN_SEQ},
    {LETTER_ORIGIN_SEQ, "7x", "lacks a valid " LETTER_ORIGIN_SEQ},
    {LETTER_ORIGIN_SEQ, "18446744073709551616", "lacks a valid " LETTER_ORIGIN_SEQ},
    {LETTER_ORIGIN_TIME, NULL, "lacks a valid " LETTER_ORIGIN_TIME},
    {LETTER_ORIGIN_TIME, "1795561856", "lacks a valid " LETTER_ORIGIN_TIME},
    {LETTER_DELIVERIES, NULL, "lacks a valid " LETTER_DELIVERIES},
    {LETTER_DELIVERIES, "", "lacks a valid " LETTER_DELIVERIES},
    {LETTER_DELIVERIES, " 2", "lacks a valid " LETTER_DELIVERIES},
    {LETTER_RETRIES, NULL, "lacks a valid " LETTER_RETRIES},
    {LETTER_RETRIES, "+1", "lacks a valid " LETTER_RETRIES},
    {LETTER_RETRIES, "1e3", "lacks a valid " LETTER_RETRIES},
    {LETTER_REASON, NULL, "lacks " LETTER_REASON},
    {LETTER_DIED_AT, NULL, "lacks a valid " LETTER_DIED_AT},
    {LETTER_DIED_AT, "2026-11-24", "lacks a valid " LETTER_DIED_AT},
    {LETTER_ERROR, NULL, NULL},
    {LETTER_HOST, NULL, NULL},
    {LETTER_JOB_ID, NULL, NULL},
    {LETTER_BODY, NULL, NULL},
};

TEST(a_missing_or_wrong_header_is_named)
{
    FOR_EACH (each, rows) {
        struct letter read;
        _cleanup_(cleanup_msg) natsMsg *message = written(&full);
        const struct job job = {.message = message};
        if (each->value)
            natsMsgHeader_Set(message, each->header, each->value);
        else
            natsMsgHeader_Delete(message, each->header);
        const char *fault = letter_read(&read, &job);
        if (each->fault ? !fault || strcmp(fault, each->fault) != 0 : fault != NULL)
            fail_msg("%s '%s': '%s'", each->header, each->value ? each->value : "missing",
                     fault ? fault : "no fault");
    }
}
