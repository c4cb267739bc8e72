#include "archive/dead_letter_codec.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/subject.h"
#include "dead_letter.pb-c.h"
#include "nats/header_iterator.h"
#include "nats/nats_error.h"

#include <stdlib.h>
#include <string.h>

typedef Natsq__DeadLetter__Header header_t;

/* The headers of a message that is being packed; the strings belong to the message. */
struct headers {
    header_t *header;
    header_t **pointer;
    size_t n, room;
};

static void headers_free(struct headers *headers)
{
    free(headers->header);
    free(headers->pointer);
}

static bool add_header(struct headers *headers, const char *name, const char *value)
{
    header_t *grown = array_grow(headers->header, headers->n, &headers->room, sizeof *grown);
    if (!grown)
        return false;
    headers->header = grown;
    header_t *header = &headers->header[headers->n++];
    natsq__dead_letter__header__init(header);
    header->name = (char *)(uintptr_t)name; /* protobuf-c has no const */
    header->value.data = (uint8_t *)(uintptr_t)value;
    header->value.len = strlen(value);
    return true;
}

static bool collect_headers(struct headers *headers, natsMsg *message)
{
    bool all = true;
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (all && header_iterator_next(&header))
        all = add_header(headers, header.name, header.value);
    headers->pointer = calloc(headers->n + 1, sizeof *headers->pointer);
    for (size_t i = 0; headers->pointer && i < headers->n; i++)
        headers->pointer[i] = &headers->header[i];
    return all && header.status == NATS_OK && headers->pointer;
}

int dead_letter_pack(const struct job *letter, const struct job *body, uint8_t **bytes,
                     size_t *length, struct error *error)
{
    _cleanup_(headers_free) struct headers headers = {0};
    Natsq__DeadLetter packed = NATSQ__DEAD_LETTER__INIT;
    if (!collect_headers(&headers, letter->message))
        return error_set(error, EX_OSERR, "cannot read a letter's headers");
    packed.place = (char *)(uintptr_t)job_subject(letter);
    packed.headers = headers.pointer;
    packed.n_headers = headers.n;
    packed.body.data = (uint8_t *)(uintptr_t)job_body(body, &packed.body.len);
    packed.seq = letter->delivery.seq;
    packed.stored_at = letter->delivery.stored_at;
    *length = natsq__dead_letter__get_packed_size(&packed);
    *bytes = malloc(*length + 1);
    if (!*bytes)
        return error_set(error, EX_OSERR, "out of memory");
    natsq__dead_letter__pack(&packed, *bytes);
    return 0;
}

/* A line end in a header would make two headers of it when the letter is published. */
static bool is_header(const header_t *header)
{
    const char *value = (const char *)header->value.data;
    size_t length = header->value.len;
    return *header->name && !strpbrk(header->name, ": \r\n") &&
           (length == 0 || (!memchr(value, '\r', length) && !memchr(value, '\n', length) &&
                            !memchr(value, '\0', length)));
}

static natsStatus set_header(natsMsg *message, const header_t *header)
{
    _cleanup_(cleanup_free) char *value = calloc(1, header->value.len + 1);
    if (!value)
        return NATS_NO_MEMORY;
    if (header->value.len > 0)
        memcpy(value, header->value.data, header->value.len);
    return natsMsgHeader_Add(message, header->name, value);
}

static int fill_letter(struct job *letter, const Natsq__DeadLetter *packed, struct error *error)
{
    if (subject_fault(packed->place))
        return error_set(error, EX_DATAERR, "is not a letter: its subject '%s' %s", packed->place,
                         subject_fault(packed->place));
    natsStatus s = natsMsg_Create(&letter->message, packed->place, NULL,
                                  (const char *)packed->body.data, (int)packed->body.len);
    for (size_t i = 0; s == NATS_OK && i < packed->n_headers; i++) {
        if (!is_header(packed->headers[i]))
            return error_set(error, EX_DATAERR, "has an invalid header");
        s = set_header(letter->message, packed->headers[i]);
    }
    if (s != NATS_OK)
        return error_nats(error, s, "cannot create a letter");
    letter->delivery.seq = packed->seq;
    letter->delivery.stored_at = packed->stored_at;
    return 0;
}

int dead_letter_unpack(const uint8_t *bytes, size_t length, struct job *letter, struct error *error)
{
    *letter = (struct job){0};
    Natsq__DeadLetter *packed = natsq__dead_letter__unpack(NULL, length, bytes);
    if (!packed)
        return error_set(error, EX_DATAERR, "is not a protobuf DeadLetter");
    int result = fill_letter(letter, packed, error);
    natsq__dead_letter__free_unpacked(packed, NULL);
    if (result < 0)
        job_clear(letter);
    return result;
}
