#include "archive/archive.h"

#include "archive/crc32.h"
#include "archive/dead_letter_codec.h"
#include "base/cleanup.h"
#include "base/varint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "natsqDLQ";
static const char utf8_mark[] = "\xEF\xBB\xBF"; /* some editors begin a file with it */

enum {
    MAGIC = sizeof magic - 1,
    VERSION = 1,
    HEAD = MAGIC + 4,
    RECORD_MAX = 256 * 1024 * 1024, /* a server accepts messages of at most 64 MB */
};

static int write_bytes(FILE *file, const void *bytes, size_t length, struct error *error)
{
    if (length == 0 || fwrite(bytes, length, 1, file) == 1)
        return 0;
    return error_set(error, EX_IOERR, "cannot write the archive: %s", strerror(errno));
}

static void put_number(uint8_t *to, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(number >> 8 * i);
}

static uint64_t get_number(const uint8_t *from, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number |= (uint64_t)from[i] << 8 * i;
    return number;
}

static int write_record(FILE *file, size_t length, const void *bytes, size_t size,
                        struct error *error)
{
    uint8_t varint[VARINT_MAX], sum[4];
    size_t n = varint_write((uint32_t)length, varint);
    put_number(sum, crc32_add(crc32_add(0, varint, n), bytes, size), sizeof sum);
    if (write_bytes(file, varint, n, error) < 0 || write_bytes(file, bytes, size, error) < 0)
        return -1;
    return write_bytes(file, sum, sizeof sum, error);
}

int archive_begin(struct archive_writer *writer, FILE *file, bool jsonl, struct error *error)
{
    uint8_t head[HEAD];
    *writer = (struct archive_writer){.file = file, .jsonl = jsonl};
    memcpy(head, magic, MAGIC);
    put_number(head + MAGIC, VERSION, HEAD - MAGIC);
    return jsonl ? 0 : write_bytes(file, head, sizeof head, error);
}

int archive_write(struct archive_writer *writer, const struct job *letter, const struct job *body,
                  struct error *error)
{
    uint8_t *bytes = NULL;
    size_t length;
    writer->n++;
    if (writer->jsonl) {
        _cleanup_(cleanup_free) char *line = dead_letter_to_json(letter, body, error);
        if (!line)
            return -1;
        return write_bytes(writer->file, line, strlen(line), error);
    }
    if (dead_letter_pack(letter, body, &bytes, &length, error) < 0)
        return -1;
    int result = length > RECORD_MAX ? error_set(error, EX_SOFTWARE, "a letter is too large")
                                     : write_record(writer->file, length, bytes, length, error);
    free(bytes);
    return result;
}

int archive_end(struct archive_writer *writer, struct error *error)
{
    uint8_t count[8];
    put_number(count, writer->n, sizeof count);
    if (!writer->jsonl && write_record(writer->file, 0, count, sizeof count, error) < 0)
        return -1;
    if (writer->jsonl)
        fprintf(writer->file, "{\"end\":true,\"letters\":%" PRIu64 "}\n", writer->n);
    if (fflush(writer->file) != 0 || ferror(writer->file))
        return error_set(error, EX_IOERR, "cannot write the archive: %s", strerror(errno));
    return 0;
}

static int damaged(const struct archive_reader *reader, const char *what, struct error *error)
{
    uint64_t n = reader->before + reader->n;
    return error_set(error, EX_DATAERR, "%s %s after %" PRIu64 " whole letter%s", reader->name,
                     what, n, n == 1 ? "" : "s");
}

static int cut_off(const struct archive_reader *reader, struct error *error)
{
    if (ferror(reader->file))
        return error_set(error, EX_IOERR, "cannot read %s: %s", reader->name, strerror(errno));
    return damaged(reader, "is cut off", error);
}

/* The first byte after a mark; it stays in the stream. */
static int peek(struct archive_reader *reader)
{
    int first = getc(reader->file);
    size_t i = 0;
    for (; utf8_mark[i] && first == (unsigned char)utf8_mark[i]; i++)
        first = getc(reader->file);
    if (i > 0 && utf8_mark[i]) /* the beginning of a mark alone: not an archive */
        first = (unsigned char)utf8_mark[0];
    ungetc(first, reader->file);
    return first;
}

static int read_head(struct archive_reader *reader, struct error *error)
{
    uint8_t head[HEAD];
    size_t got = fread(head, 1, sizeof head, reader->file);
    if (memcmp(head, magic, got < MAGIC ? got : MAGIC) != 0)
        return reader->before > 0 || reader->ended
                   ? damaged(reader, "continues after its end,", error)
                   : error_set(error, EX_DATAERR, "%s is not an archive of `export`", reader->name);
    if (got < sizeof head)
        return cut_off(reader, error);
    if (get_number(head + MAGIC, HEAD - MAGIC) != VERSION)
        return error_set(error, EX_DATAERR,
                         "%s is an archive of version %" PRIu64 ": this program knows version %d",
                         reader->name, get_number(head + MAGIC, HEAD - MAGIC), VERSION);
    return 0;
}

int archive_open(struct archive_reader *reader, FILE *file, const char *name, struct error *error)
{
    *reader = (struct archive_reader){.file = file, .name = name};
    int first = peek(reader);
    if (first == EOF)
        return cut_off(reader, error);
    reader->jsonl = first == '{';
    return reader->jsonl ? 0 : read_head(reader, error);
}

/* After the end of an archive. 0: another one follows. 1: it was the last. */
static int open_next(struct archive_reader *reader, struct error *error)
{
    int first = peek(reader);
    while (reader->jsonl && (first == '\n' || first == '\r' || first == ' ')) {
        getc(reader->file);
        first = peek(reader);
    }
    if (first == EOF)
        return ferror(reader->file) ? cut_off(reader, error) : 1;
    reader->jsonl = first == '{';
    if (!reader->jsonl && read_head(reader, error) < 0)
        return -1;
    reader->ended = false;
    reader->before += reader->n;
    reader->n = 0;
    return 0;
}

/* Compares the count at the end of an archive. 0: another one follows. 1: it was the last. */
static int take_end(struct archive_reader *reader, uint64_t count, struct error *error)
{
    if (count != reader->n)
        return error_set(error, EX_DATAERR,
                         "%s should hold %" PRIu64 " letter%s, but holds %" PRIu64
                         ": the rest of the file was not read",
                         reader->name, count, count == 1 ? "" : "s", reader->n);
    reader->ended = true;
    return open_next(reader, error);
}

void archive_close(struct archive_reader *reader)
{
    free(reader->bytes);
    reader->bytes = NULL;
}

/* The next line that is not blank. 1: the end. */
static int read_line(struct archive_reader *reader, size_t *length, struct error *error)
{
    ssize_t got;
    do {
        got = getline(&reader->bytes, &reader->room, reader->file);
        if (got < 0)
            return ferror(reader->file) ? cut_off(reader, error) : 1;
        reader->lines++;
    } while (strspn(reader->bytes, " \t\r\n") >= (size_t)got);
    *length = (size_t)got;
    return 0;
}

/* 2: an archive ended, and another follows. */
static int read_json(struct archive_reader *reader, struct job *letter, struct error *error)
{
    struct error wrong = {0};
    size_t length = 0;
    int64_t count;
    int result = read_line(reader, &length, error);
    if (result != 0)
        return result;
    size_t mark = strncmp(reader->bytes, utf8_mark, strlen(utf8_mark)) == 0 ? strlen(utf8_mark) : 0;
    result = dead_letter_from_json(reader->bytes + mark, length - mark, letter, &count, &wrong);
    if (result < 0 && reader->bytes[length - 1] != '\n')
        return cut_off(reader, error);
    if (result < 0)
        return error_set(error, EX_DATAERR, "%s: line %" PRIu64 " %s", reader->name, reader->lines,
                         wrong.text);
    reader->n += result == 0;
    if (result == 0)
        return 0;
    int ended = take_end(reader, count < 0 ? reader->n : (uint64_t)count, error);
    return ended == 0 ? 2 : ended;
}

/* Keeps the bytes of the varint for the checksum. 0; 1: cut off; 2: no valid length. */
static int read_length(FILE *file, uint8_t varint[VARINT_MAX], size_t *n, size_t *length)
{
    ssize_t read;
    uint64_t value;
    *n = 0;
    do {
        int byte = getc(file);
        if (byte == EOF)
            return 1;
        varint[(*n)++] = (uint8_t)byte;
        read = varint_read(varint, *n, &value);
    } while (read == 0);
    *length = (size_t)value;
    return read < 0 || value > RECORD_MAX ? 2 : 0;
}

/* Piece by piece, since a damaged length must not allocate memory that the file does not fill. */
static bool read_bytes(struct archive_reader *reader, size_t length)
{
    enum { PIECE = 1024 * 1024 };
    for (size_t have = 0; have < length;) {
        size_t more = length - have < PIECE ? length - have : PIECE;
        if (have + more > reader->room) {
            char *grown = realloc(reader->bytes, have + more);
            if (!grown)
                return false;
            reader->bytes = grown;
            reader->room = have + more;
        }
        if (fread(reader->bytes + have, more, 1, reader->file) != 1)
            return false;
        have += more;
    }
    return true;
}

/* 2: an archive ended, and another follows. */
static int read_protobuf(struct archive_reader *reader, struct job *letter, struct error *error)
{
    uint8_t varint[VARINT_MAX], sum[4];
    size_t n, length;
    struct error wrong = {0};
    int result = read_length(reader->file, varint, &n, &length);
    if (result != 0)
        return result == 1 ? cut_off(reader, error) : damaged(reader, "is damaged", error);
    size_t size = length > 0 ? length : 8;
    if (!read_bytes(reader, size) || fread(sum, sizeof sum, 1, reader->file) != 1)
        return cut_off(reader, error);
    if (crc32_add(crc32_add(0, varint, n), reader->bytes, size) != get_number(sum, 4))
        return damaged(reader, "is damaged", error);
    if (length == 0) {
        int ended = take_end(reader, get_number((const uint8_t *)reader->bytes, 8), error);
        return ended == 0 ? 2 : ended;
    }
    if (dead_letter_unpack((const uint8_t *)reader->bytes, length, letter, &wrong) < 0)
        return error_set(error, EX_DATAERR, "%s: letter %" PRIu64 " %s", reader->name,
                         reader->before + reader->n + 1, wrong.text);
    reader->n++;
    return 0;
}

int archive_read(struct archive_reader *reader, struct job *letter, struct error *error)
{
    int result;
    *letter = (struct job){0};
    do
        result = (reader->jsonl ? read_json : read_protobuf)(reader, letter, error);
    while (result == 2);
    return result;
}
