#include "publish/job_message.h"

#include "base/decimal.h"
#include "nats/nats_error.h"

#include <string.h>

/* PREFIX-NUMBER.LENGTH and a NUL. */
enum { ID_MAX = PUBLISHER_ID_PREFIX_MAX + 43 };

const char *job_message_subject(const struct source_item *item,
                                const struct publisher_options *options)
{
    return item->subject ? item->subject : options->subject;
}

static natsStatus set_id(natsMsg *message, const struct source_item *item,
                         const struct publisher_options *options, const char *id_prefix)
{
    char made[ID_MAX];
    const char *id = item->id ? item->id : options->id;
    if (!id) {
        char *end = decimal_write(stpcpy(stpcpy(made, id_prefix), "-"), item->number);
        if (item->grown) /* without it, it is the id of the shorter job */
            decimal_write(stpcpy(end, "."), item->raw_length);
        id = made;
    }
    return natsMsgHeader_Set(message, "Nats-Msg-Id", id);
}

static bool has_header(const struct source_item *item, const char *name)
{
    for (size_t i = 0; i < item->n_headers; i++)
        if (strcasecmp(item->headers[i].name, name) == 0)
            return true;
    return false;
}

int job_message_set_headers(natsMsg *message, const struct source_item *item,
                            const struct publisher_options *options, const char *id_prefix,
                            struct error *error)
{
    const struct header_options *added = &options->headers;
    natsStatus s = set_id(message, item, options, id_prefix);
    for (size_t i = 0; s == NATS_OK && i < added->n; i++)
        if (!has_header(item, added->list[i].name))
            s = natsMsgHeader_Add(message, added->list[i].name, added->list[i].value);
    for (size_t i = 0; s == NATS_OK && i < item->n_headers; i++)
        s = natsMsgHeader_Add(message, item->headers[i].name, item->headers[i].value);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot set a job's headers");
}

static size_t size_of(const struct header *headers, size_t n)
{
    enum { COLON_AND_LINE = 4 };
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += strlen(headers[i].name) + strlen(headers[i].value) + COLON_AND_LINE;
    return size;
}

size_t job_message_size(const struct source_item *item, const struct publisher_options *options)
{
    return item->length + size_of(item->headers, item->n_headers) +
           size_of(options->headers.list, options->headers.n);
}
