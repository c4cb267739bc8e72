#include "letters/job_content.h"

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "job_edit.h"
#include "nats/header_iterator.h"
#include "nats/header_json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_WIDTH = 16 };

/* Whether it is safe on a terminal: UTF-8 without control characters other than newline and tab. */
static bool is_text(const char *bytes, size_t length)
{
    for (size_t i = 0, step; i < length; i += step) {
        step = text_utf8_length(bytes + i, length - i);
        bool is_control = text_is_control(bytes + i, step) && bytes[i] != '\n' && bytes[i] != '\t';
        if (step == 0 || is_control)
            return false;
    }
    return true;
}

static void print_hex(const char *bytes, size_t offset, size_t n)
{
    printf("%08zx ", offset);
    for (size_t i = 0; i < HEX_WIDTH; i++)
        if (i < n)
            printf(" %02x", (unsigned char)bytes[offset + i]);
        else
            fputs("   ", stdout);
    fputs("  ", stdout);
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)bytes[offset + i];
        putchar(byte >= 0x20 && byte < 0x7F ? byte : '.');
    }
    putchar('\n');
}

void job_content_print(const char *bytes, size_t length)
{
    if (is_text(bytes, length)) {
        fwrite(bytes, 1, length, stdout);
        if (length > 0 && bytes[length - 1] != '\n')
            putchar('\n');
        return;
    }
    for (size_t at = 0; at < length; at += HEX_WIDTH)
        print_hex(bytes, at, length - at < HEX_WIDTH ? length - at : HEX_WIDTH);
}

static void print_headers(const struct job *job, bool own)
{
    char name[TEXT_MAX], value[TEXT_MAX];
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = job->message};
    while (header_iterator_next(&header))
        if (job_edit_is_own(header.name) == own)
            printf("  %s: %s\n", text_escape(header.name, strlen(header.name), name),
                   text_escape(header.value, strlen(header.value), value));
}

void job_content_print_headers(const struct job *job)
{
    print_headers(job, true);
    print_headers(job, false);
}

bool job_content_add_json(json_t *object, const struct job *headers, const struct job *body)
{
    size_t length;
    const char *bytes = job_body(body, &length);
    json_t *written = header_json_of(headers->message);
    json_object_set_new(object, "headers", written ? written : json_null());
    base64_json_body(object, bytes, length);
    return written;
}
