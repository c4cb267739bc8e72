/* The readers of archives and of the letters in them accept any bytes; a letter that they accept is
 * written and read back unchanged. */
#include "archive/archive.h"

#include "archive/dead_letter_codec.h"
#include "base/cleanup.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_same(const struct job *letter, const struct job *back)
{
    size_t length, back_length;
    const char *body = job_body(letter, &length), *back_body = job_body(back, &back_length);
    check(strcmp(job_subject(letter), job_subject(back)) == 0);
    check(letter->delivery.seq == back->delivery.seq);
    check(letter->delivery.stored_at == back->delivery.stored_at);
    check(length == back_length && (length == 0 || memcmp(body, back_body, length) == 0));
}

static void check_back(const struct job *letter)
{
    struct error error = {0};
    struct job back = {0};
    uint8_t *bytes = NULL;
    size_t length;
    check(dead_letter_pack(letter, letter, &bytes, &length, &error) == 0);
    check(dead_letter_unpack(bytes, length, &back, &error) == 0);
    check_same(letter, &back);
    job_clear(&back);
    free(bytes);
}

static void read_archive(const unsigned char *bytes, size_t length)
{
    struct archive_reader reader = {0};
    struct error error = {0};
    _cleanup_(cleanup_free) unsigned char *copy = malloc(length);
    memcpy(copy, bytes, length);
    _cleanup_(cleanup_file) FILE *file = fmemopen(copy, length, "r");
    int result = archive_open(&reader, file, "it", &error);
    while (result == 0) {
        struct job letter;
        result = archive_read(&reader, &letter, &error);
        if (result == 0)
            check_back(&letter);
        job_clear(&letter);
    }
    check(result == 1 || error.exit_code == EX_DATAERR);
    archive_close(&reader);
}

/* Without the checksum around it, which a changed byte rarely passes. */
static void read_letter(const unsigned char *bytes, size_t length)
{
    struct error error = {0};
    struct job letter = {0};
    if (dead_letter_unpack(bytes, length, &letter, &error) == 0)
        check_back(&letter);
    job_clear(&letter);
    int64_t said;
    if (dead_letter_from_json((const char *)bytes, length, &letter, &said, &error) == 0)
        check_back(&letter);
    job_clear(&letter);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    open_nats();
    if (length > 0)
        read_archive(bytes, length);
    read_letter(bytes, length);
    return 0;
}
