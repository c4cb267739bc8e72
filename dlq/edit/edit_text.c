#include "edit/edit_text.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "nats/header_iterator.h"

#include <stdlib.h>
#include <string.h>

void edit_text_write(struct buffer *out, natsMsg *headers, const void *body, size_t length)
{
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = headers};
    while (headers && header_iterator_next(&header)) {
        if (!job_edit_is_own(header.name))
            continue;
        buffer_add_text(out, header.name);
        buffer_add_text(out, ": ");
        buffer_add_text(out, header.value);
        buffer_add_text(out, "\n");
    }
    if (headers)
        buffer_add_text(out, "\n");
    buffer_add(out, body, length);
}

static const char *say(char fault[EDIT_TEXT_FAULT_MAX], const char *line, const char *why)
{
    char shown[TEXT_MAX];
    text_escape(line, strnlen(line, 40), shown);
    snprintf(fault, EDIT_TEXT_FAULT_MAX, "header '%.160s' %s", shown, why);
    return fault;
}

static const char *add_header(struct edit_text *text, char *line, size_t length,
                              char fault[EDIT_TEXT_FAULT_MAX])
{
    if (length > 0 && line[length - 1] == '\r')
        line[--length] = '\0';
    size_t name_length;
    const char *value;
    if (strlen(line) != length)
        return say(fault, line, "has a NUL in it");
    if (!header_split(line, &name_length, &value))
        return say(fault, line, "is not 'NAME: VALUE' (an empty line ends the headers)");
    struct header *grown = array_grow(text->headers, text->n_headers, &text->room, sizeof *grown);
    if (!grown)
        return "it does not fit into memory";
    line[name_length] = '\0';
    text->headers = grown;
    text->headers[text->n_headers++] = (struct header){line, value};
    return NULL;
}

static bool is_blank(const char *line, size_t length)
{
    return length == 0 || (length == 1 && *line == '\r');
}

const char *edit_text_read(struct edit_text *text, char *bytes, size_t length, bool has_headers,
                           char fault[EDIT_TEXT_FAULT_MAX])
{
    char *line = bytes, *end = bytes + length;
    while (has_headers) {
        char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
        if (!newline)
            return "the empty line between the headers and the body is missing";
        size_t line_length = (size_t)(newline - line);
        *newline = '\0';
        if (!is_blank(line, line_length)) {
            const char *why = add_header(text, line, line_length, fault);
            if (why)
                return why;
        } else {
            has_headers = false;
        }
        line = newline + 1;
    }
    text->body = line;
    text->length = (size_t)(end - line);
    return NULL;
}

void edit_text_release(struct edit_text *text)
{
    free(text->headers);
    *text = (struct edit_text){0};
}

static bool is_same(const struct header *one, const struct header *other)
{
    return strcmp(one->name, other->name) == 0 && strcmp(one->value, other->value) == 0;
}

static bool has(const struct edit_text *text, const struct header *header)
{
    for (size_t i = 0; i < text->n_headers; i++)
        if (is_same(&text->headers[i], header))
            return true;
    return false;
}

static bool has_same_headers(const struct edit_text *before, const struct edit_text *after)
{
    if (before->n_headers != after->n_headers)
        return false;
    for (size_t i = 0; i < before->n_headers; i++)
        if (!is_same(&before->headers[i], &after->headers[i]))
            return false;
    return true;
}

static size_t length_without_added_newline(const struct edit_text *before,
                                           const struct edit_text *after)
{
    bool had = before->length > 0 && before->body[before->length - 1] == '\n';
    bool has_now = after->length > 0 && after->body[after->length - 1] == '\n';
    return after->length - (!had && has_now);
}

const char *edit_text_compare(const struct edit_text *before, const struct edit_text *after,
                              struct job_edit *edit, char fault[EDIT_TEXT_FAULT_MAX])
{
    *edit = (struct job_edit){.body = after->body,
                              .length = length_without_added_newline(before, after)};
    edit->has_body = edit->length != before->length ||
                     (edit->length > 0 && memcmp(edit->body, before->body, edit->length) != 0);
    if (has_same_headers(before, after))
        return NULL;
    edit->has_all_headers = true;
    edit->headers = after->headers;
    edit->n_headers = after->n_headers;
    for (size_t i = 0; i < after->n_headers; i++) {
        const struct header *header = &after->headers[i];
        const char *why = has(before, header)
                              ? NULL
                              : job_edit_header_fault(header->name, strlen(header->name),
                                                      header->value, strlen(header->value));
        if (why)
            return say(fault, header->name, why);
    }
    return NULL;
}
