#include "edit/edit_text.h"

#include "base/cleanup.h"
#include "nats/nats_cleanup.h"

#include "unit.h"

static const char *compare(const char *from, const char *to, bool has_headers,
                           struct job_edit *edit, char shown[256])
{
    static char fault[EDIT_TEXT_FAULT_MAX];
    struct edit_text before = {0}, after = {0};
    _cleanup_(cleanup_free) char *one = strdup(from), *other = strdup(to);
    assert_null(edit_text_read(&before, one, strlen(from), has_headers, fault));
    const char *why = edit_text_read(&after, other, strlen(to), has_headers, fault);
    if (!why)
        why = edit_text_compare(&before, &after, edit, fault);
    int used = why ? 0 : snprintf(shown, 256, "%s", edit->has_body ? "body=" : "");
    if (!why && edit->has_body)
        used += snprintf(shown + used, 256 - (size_t)used, "%.*s;", (int)edit->length,
                         (const char *)edit->body);
    for (size_t i = 0; !why && i < edit->n_headers; i++)
        used += snprintf(shown + used, 256 - (size_t)used, "%s=%s;", edit->headers[i].name,
                         edit->headers[i].value);
    if (!why && edit->has_all_headers && edit->n_headers == 0)
        snprintf(shown + used, 256 - (size_t)used, "none;");
    edit_text_release(&before);
    edit_text_release(&after);
    return why;
}

TEST(finds_what_was_changed)
{
    static const struct {
        const char *before, *after;
        bool has_headers;
        const char *edit;
    } texts[] = {
        {"a", "a", false, ""},
        {"a", "a\n", false, ""}, /* an editor ends the last line */
        {"", "\n", false, ""},
        {"a\n", "a", false, "body=a;"},
        {"a\n", "a\n\n", false, "body=a\n\n;"},
        {"a", "b\n", false, "body=b;"},
        {"a", "b\n\n", false, "body=b\n;"},
        {"a", "", false, "body=;"},
        {"A: 1\n\na", "A: 1\n\na", true, ""},
        {"A: 1\n\na", "A: 1\r\n\r\na\n", true, ""},
        {"A: 1\n\na", "A:   1\n\na", true, ""},
        {"A: 1\n\na", "A: 2\n\na", true, "A=2;"},
        {"A: 1\nA: 2\n\na", "A: 2\nA: 1\n\na", true, "A=2;A=1;"},
        {"A: 1\n\na", "\na", true, "none;"},
        {"\na", "\nb", true, "body=b;"},
        {"\na", "A:\n\na", true, "A=;"},
        {"\n\n\na", "\n\n\nb", true, "body=\n\nb;"},
        {"A B: kept\n\na", "A B: kept\nC: 1\n\na", true, "A B=kept;C=1;"},
    };
    FOR_EACH (text, texts) {
        struct job_edit edit;
        char shown[256] = "";
        const char *fault = compare(text->before, text->after, text->has_headers, &edit, shown);
        if (fault || strcmp(shown, text->edit))
            fail_msg("'%s' to '%s': %s", text->before, text->after, fault ? fault : shown);
    }
}

TEST(says_what_is_no_job)
{
    static const struct {
        const char *text, *fault;
    } texts[] = {
        {"", "the empty line between the headers and the body is missing"},
        {"A: 1", "the empty line"},
        {"A: 1\n", "the empty line"},
        {"A 1\n\n", "header 'A 1' is not 'NAME: VALUE'"},
        {": 1\n\n", "header '' has no name"},
        {"A B: 1\n\n", "header 'A B' has a name with"},
        {"Natsq-Reason: 1\n\n", "header 'Natsq-Reason' belongs to natsq"},
        {"nats-msg-id: 1\n\n", "header 'nats-msg-id' cannot be set"},
        {"A: 1\r2\n\n", "header 'A' has a line break"},
        {"\x1b[31m: 1\n\n", "header '\\x1b[31m' has a name with"},
    };
    FOR_EACH (text, texts) {
        struct job_edit edit;
        char shown[256];
        const char *fault = compare("\n", text->text, true, &edit, shown);
        if (!fault || !strstr(fault, text->fault))
            fail_msg("%s: %s", text->text, fault ? fault : "taken");
    }
}

TEST(writes_what_it_reads)
{
    static const struct header headers[] = {{"A", "1"}, {"A", ""}, {"B", "\xFF: x"}};
    _cleanup_(cleanup_msg) natsMsg *message = NULL;
    struct buffer text = {0};
    struct edit_text read = {0};
    char fault[EDIT_TEXT_FAULT_MAX];
    assert_int_equal(natsMsg_Create(&message, "a", NULL, NULL, 0), NATS_OK);
    for (size_t i = 0; i < 3; i++)
        natsMsgHeader_Add(message, headers[i].name, headers[i].value);
    natsMsgHeader_Set(message, "Natsq-Reason", "exit 1");
    edit_text_write(&text, message, "body\0\n", 6);
    assert_null(edit_text_read(&read, text.bytes, text.length, true, fault));
    assert_int_equal(read.n_headers, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct header *at = &read.headers[i];
        const struct header *expected = *at->name == 'B'    ? &headers[2]
                                        : *at->value == '1' ? &headers[0]
                                                            : &headers[1];
        assert_string_equal(at->name, expected->name);
        assert_string_equal(at->value, expected->value);
    }
    assert_int_equal(read.length, 6);
    assert_memory_equal(read.body, "body\0\n", 6);
    edit_text_release(&read);
    buffer_release(&text);
}
