#include "base/json_text.h"

#include "base/base64.h"
#include "base/cleanup.h"

static void write_escape(struct buffer *out, unsigned char byte)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* each followed by its letter */
    for (const char *name = names; *name; name += 2)
        if (byte == (unsigned char)*name) {
            const char escape[] = {'\\', name[1]};
            buffer_add(out, escape, sizeof escape);
            return;
        }
    buffer_printf(out, "\\u%04x", byte);
}

void json_text_add(struct buffer *out, const char *text, size_t length)
{
    buffer_add(out, "\"", 1);
    size_t plain = 0; /* start of the part that needs no escape */
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buffer_add(out, text + plain, i - plain);
        write_escape(out, byte);
        plain = i + 1;
    }
    buffer_add(out, text + plain, length - plain);
    buffer_add(out, "\"", 1);
}

void json_text_add_base64(struct buffer *out, const void *bytes, size_t length)
{
    _cleanup_(cleanup_free) char *text = base64_encode(bytes, length);
    buffer_add(out, "\"", 1);
    if (text)
        buffer_add_text(out, text);
    else
        out->failed = true;
    buffer_add(out, "\"", 1);
}
