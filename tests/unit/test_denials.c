#include "nats/denials.h"

#include "unit.h"

TEST(reads_the_denied_subject_from_the_error)
{
    struct denials denials = {0};
    char subject[DENIED_SUBJECT_MAX];
    denials_init(&denials);
    assert_int_equal(denials_add(&denials, "Permissions Violation for Publish to \"a.b\"", subject),
                     0);
    assert_string_equal(subject, "a.b");
    assert_int_equal(denials_add(&denials, "Permissions Violation for Publish to \"a.b\"", subject),
                     1);
    assert_int_equal(
        denials_add(&denials,
                    "Permissions Violation for Subscription to \"_INBOX.x.*\" (sid \"3\")",
                    subject),
        0);
    assert_string_equal(subject, "_INBOX.x.*");
    assert_int_equal(denials_add(&denials, "Permissions Violation", subject), -1);
    assert_int_equal(denials_add(&denials, "Permissions Violation for Publish to \"\"", subject),
                     -1);
    assert_true(denials_have(&denials, "a.b"));
    assert_true(denials_have(&denials, "_INBOX.x.*"));
    assert_false(denials_have(&denials, "a.b.c"));
    assert_false(denials_have(&denials, ""));
    assert_int_equal(denials.count, 3);
    denials_forget(&denials);
    assert_false(denials_have(&denials, "a.b"));
    assert_int_equal(denials.count, 3);
    denials_release(&denials);
}

/* nats.c cuts the error text at 255 bytes. */
TEST(a_subject_that_is_cut_matches_its_beginning)
{
    struct denials denials = {0};
    char words[256], whole[400], subject[DENIED_SUBJECT_MAX];
    denials_init(&denials);
    memset(whole, 'x', sizeof whole - 1);
    whole[sizeof whole - 1] = '\0';
    snprintf(words, sizeof words, "Permissions Violation for Publish to \"%.216s", whole);
    assert_int_equal(denials_add(&denials, words, subject), 0);
    assert_true(denials_have(&denials, whole));
    assert_int_equal(denials_add(&denials, words, subject), 1);
    denials_release(&denials);
}

TEST(the_oldest_denials_make_room)
{
    struct denials denials = {0};
    char words[100], subject[DENIED_SUBJECT_MAX];
    denials_init(&denials);
    for (int i = 0; i <= DENIALS_MAX; i++) {
        snprintf(words, sizeof words, "Permissions Violation for Publish to \"a.%d\"", i);
        assert_int_equal(denials_add(&denials, words, subject), 0);
    }
    assert_false(denials_have(&denials, "a.0"));
    assert_true(denials_have(&denials, "a.1"));
    denials_release(&denials);
}
