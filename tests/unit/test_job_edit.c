#include "job_edit.h"

#include "base/cleanup.h"
#include "letter/content_hash.h"
#include "nats/nats_cleanup.h"

#include "unit.h"

static natsMsg *message_of(const struct header *headers, size_t n, const char *body)
{
    natsMsg *message;
    assert_int_equal(natsMsg_Create(&message, "orders.new", NULL, body, (int)strlen(body)),
                     NATS_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(natsMsgHeader_Add(message, headers[i].name, headers[i].value), NATS_OK);
    return message;
}

static const char *first(natsMsg *message, const char *name)
{
    const char *value;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : "-";
}

static int count(natsMsg *message, const char *name)
{
    _cleanup_(cleanup_free) const char **values = NULL;
    int n = 0;
    return natsMsgHeader_Values(message, name, &values, &n) == NATS_OK ? n : 0;
}

static const struct header own[] = {
    {"A", "1"}, {"A", "2"}, {"B", "3"}, {"Natsq-Reason", "exit 1"}, {"Natsq-Body", "origin"}};

TEST(replaces_headers_by_name)
{
    static const struct header changes[] = {{"a", "x"}, {"B", NULL}, {"C", "y"}, {"C", "z"}};
    const struct job_edit edit = {.headers = changes, .n_headers = 4};
    _cleanup_(cleanup_msg) natsMsg *message = message_of(own, 5, "body");
    assert_int_equal(job_edit_apply(&edit, message), NATS_OK);
    assert_string_equal(first(message, "A"), "-");
    assert_string_equal(first(message, "a"), "x");
    assert_string_equal(first(message, "B"), "-");
    assert_int_equal(count(message, "C"), 2);
    assert_string_equal(first(message, "Natsq-Reason"), "exit 1");
    assert_string_equal(first(message, "Natsq-Body"), "origin");
    assert_string_equal(first(message, "Natsq-Edited"), "headers");
}

TEST(replaces_all_headers_but_those_of_natsq)
{
    static const struct header all[] = {{"B", "new"}};
    const struct job_edit edit = {
        .has_body = true, .has_all_headers = true, .headers = all, .n_headers = 1};
    _cleanup_(cleanup_msg) natsMsg *message = message_of(own, 5, "body");
    assert_int_equal(job_edit_apply(&edit, message), NATS_OK);
    assert_int_equal(count(message, "A"), 0);
    assert_string_equal(first(message, "B"), "new");
    assert_string_equal(first(message, "Natsq-Reason"), "exit 1");
    assert_string_equal(first(message, "Natsq-Body"), "-"); /* the message has the body now */
    assert_string_equal(first(message, "Natsq-Edited"), "body,headers");
}

TEST(leaves_a_message_alone)
{
    const struct job_edit edit = {0};
    _cleanup_(cleanup_msg) natsMsg *message = message_of(own, 5, "body");
    assert_int_equal(job_edit_apply(&edit, message), NATS_OK);
    assert_int_equal(count(message, "A"), 2);
    assert_string_equal(first(message, "Natsq-Edited"), "-");
}

static const char *hash_of(const struct header *headers, size_t n, const char *body, char *text)
{
    _cleanup_(cleanup_msg) natsMsg *message = message_of(headers, n, body);
    assert_int_equal(content_hash(message, job_edit_is_own, body, strlen(body), text), NATS_OK);
    return text;
}

TEST(hashes_body_and_headers_of_the_job)
{
    static const struct header reordered[] = {
        {"B", "3"}, {"Natsq-Error", "x"}, {"A", "1"}, {"A", "2"}};
    static const struct header swapped[] = {{"A", "2"}, {"A", "1"}, {"B", "3"}};
    static const struct header joined[] = {{"A", "1"}, {"A", "2B"}};
    char base[CONTENT_HASH_TEXT], other[CONTENT_HASH_TEXT];
    hash_of(own, 5, "body", base);
    assert_string_equal(hash_of(reordered, 4, "body", other), base);
    assert_string_not_equal(hash_of(swapped, 3, "body", other), base);
    assert_string_not_equal(hash_of(joined, 2, "body", other), base);
    assert_string_not_equal(hash_of(own, 5, "bodz", other), base);
    assert_string_not_equal(hash_of(own, 2, "body", other), base);
}
