#include "source/record_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

/* The largest buffer holds the longest record, its delimiter, and room to read on. */
enum { BUFFER_FIRST = 64 << 10, BUFFER_MOST = RECORD_MAX + BUFFER_FIRST };

struct record_reader {
    const char *const *names;
    size_t n, at;     /* the file being read; n: at the end */
    uint64_t *firsts; /* number of each file's first record */
    uint64_t number;  /* the number of the next record */
    int fd;           /* -1: the file is not open yet */
    bool file_ended;  /* the buffer holds the rest of the file */
    bool truncated;   /* a stop cut the file short within a record */
    bool skipping;    /* the rest of a record that is too long */
    bool regular;     /* the file is, so reading it never waits */
    bool stopping;
    struct record_format format;
    uint64_t size, consumed;
    char *buffer;
    size_t room, start, scanned, end; /* start ≤ scanned ≤ end; no delimiter before `scanned` */
};

static const char *const standard_input[] = {"-", NULL};

static bool is_stdin(const char *name)
{
    return strcmp(name, "-") == 0;
}

static int cannot_read(const char *name, int number, struct error *error)
{
    return error_set(error, EX_NOINPUT, "cannot read '%s': %s", name, strerror(number));
}

/* Does not open the file: the writer of a FIFO would see its reader come and go. */
static int check_file(const char *name, uint64_t *size, struct error *error)
{
    struct stat status;
    if (is_stdin(name) ? fstat(STDIN_FILENO, &status) < 0 : stat(name, &status) < 0)
        return cannot_read(name, errno, error);
    if (S_ISDIR(status.st_mode))
        return cannot_read(name, EISDIR, error);
    if (!is_stdin(name) && faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) < 0)
        return cannot_read(name, errno, error);
    *size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    return 0;
}

static int check_files(struct record_reader *reader, struct error *error)
{
    bool known = true;
    for (size_t i = 0; i < reader->n; i++) {
        uint64_t size = 0;
        if (check_file(reader->names[i], &size, error) < 0)
            return -1;
        known = known && size > 0;
        reader->size += size;
    }
    reader->size = known ? reader->size : 0;
    return 0;
}

int record_reader_open(struct record_reader **opened, const char *const *names, size_t n,
                       struct record_format format, struct error *error)
{
    _cleanup_(cleanup_record_reader) struct record_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return error_set(error, EX_OSERR, "out of memory");
    reader->fd = -1;
    reader->names = n > 0 ? names : standard_input;
    reader->n = n > 0 ? n : 1;
    reader->format = format;
    reader->room = BUFFER_FIRST;
    reader->buffer = malloc(reader->room);
    reader->firsts = calloc(reader->n, sizeof *reader->firsts);
    if (!reader->buffer || !reader->firsts)
        return error_set(error, EX_OSERR, "out of memory");
    if (check_files(reader, error) < 0)
        return -1;
    *opened = take(reader);
    return 0;
}

static void close_file(struct record_reader *reader)
{
    if (reader->fd > STDERR_FILENO)
        close(reader->fd);
    reader->fd = -1;
}

void record_reader_close(struct record_reader *reader)
{
    if (!reader)
        return;
    close_file(reader);
    free(reader->buffer);
    free(reader->firsts);
    free(reader);
}

int record_reader_descriptor(const struct record_reader *reader)
{
    return reader->fd;
}

/* With O_NONBLOCK, because opening a FIFO would wait for its writer. */
static int open_file(struct record_reader *reader, struct error *error)
{
    const char *name = reader->names[reader->at];
    reader->fd = is_stdin(name) ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (reader->fd < 0)
        return cannot_read(name, errno, error);
    struct stat status;
    reader->regular = fstat(reader->fd, &status) == 0 && S_ISREG(status.st_mode);
    reader->file_ended = reader->truncated = false;
    reader->firsts[reader->at] = reader->number;
    return 0;
}

/* Moves the unread bytes to the front of the buffer, and enlarges it when they fill it. */
static int make_room(struct record_reader *reader, struct error *error)
{
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
        reader->scanned -= reader->start;
        reader->end -= reader->start;
        reader->start = 0;
    }
    if (reader->end < reader->room)
        return 0;
    size_t room = 2 * reader->room < BUFFER_MOST ? 2 * reader->room : BUFFER_MOST;
    char *grown = realloc(reader->buffer, room);
    if (!grown)
        return error_set(error, EX_OSERR, "out of memory");
    reader->buffer = grown;
    reader->room = room;
    return 0;
}

/* A stop does not wait for the rest of a record, and drops an incomplete one. But when the writer
 * is gone and all was read, the record is complete: the last one needs no delimiter. */
static void end_early(struct record_reader *reader, const struct pollfd *on)
{
    reader->file_ended = true;
    reader->truncated = on->revents != POLLHUP;
    if (!reader->truncated)
        return;
    reader->start = reader->scanned = reader->end;
    reader->skipping = false;
}

/* 0: read something or reached the end of the file. 1: there is no data yet. */
static int fill(struct record_reader *reader, struct error *error)
{
    struct pollfd on = {.fd = reader->fd, .events = POLLIN};
    int ready = poll(&on, 1, 0);
    if (reader->stopping && !reader->regular) {
        end_early(reader, &on);
        return 0;
    }
    if (ready == 0)
        return 1;
    if (make_room(reader, error) < 0)
        return -1;
    ssize_t n = read(reader->fd, reader->buffer + reader->end, reader->room - reader->end);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 1;
    if (n < 0)
        return cannot_read(reader->names[reader->at], errno, error);
    reader->end += (size_t)n;
    reader->file_ended = n == 0;
    return 0;
}

/* The record ends at `end`, and the next one starts at `next`. False: skip it. */
static bool emit(struct record_reader *reader, struct record *record, size_t end, size_t next)
{
    size_t length = end - reader->start;
    bool oversize = reader->skipping || length > RECORD_MAX;
    *record = (struct record){
        .bytes = reader->buffer + reader->start,
        .length = oversize ? 0 : length,
        .number = reader->number++,
        .oversize = oversize,
        .partial = end == next && reader->format.delimiter != RECORD_WHOLE_FILE,
    };
    reader->consumed += next - reader->start;
    reader->skipping = false;
    reader->start = reader->scanned = next;
    return oversize || length > 0 || !reader->format.skip_empty;
}

/* Drops the buffered part of a record that is already too long. */
static void drop_oversize(struct record_reader *reader)
{
    if (!reader->skipping && reader->end - reader->start <= RECORD_MAX)
        return;
    reader->skipping = true;
    reader->consumed += reader->end - reader->start;
    reader->start = reader->scanned = reader->end;
}

/* Whether the buffer holds a complete record, which ends at `end`. */
static bool find_end(struct record_reader *reader, size_t *end)
{
    const char *from = reader->buffer + reader->scanned;
    const char *hit = reader->format.delimiter == RECORD_WHOLE_FILE
                          ? NULL
                          : memchr(from, reader->format.delimiter, reader->end - reader->scanned);
    *end = hit ? (size_t)(hit - reader->buffer) : reader->end;
    return hit;
}

/* The last record of a file needs no delimiter. */
static bool has_rest(const struct record_reader *reader)
{
    if (reader->truncated)
        return false;
    return reader->end > reader->start || reader->skipping ||
           reader->format.delimiter == RECORD_WHOLE_FILE;
}

int record_reader_next(struct record_reader *reader, struct record *record, struct error *error)
{
    while (reader->at < reader->n) {
        size_t end;
        if (reader->fd < 0 && open_file(reader, error) < 0)
            return -1;
        if (find_end(reader, &end)) {
            if (emit(reader, record, end, end + 1))
                return RECORD_READY;
            continue;
        }
        reader->scanned = reader->end;
        if (reader->file_ended) {
            close_file(reader);
            reader->at++;
            if (has_rest(reader) && emit(reader, record, reader->end, reader->end))
                return RECORD_READY;
            continue;
        }
        drop_oversize(reader);
        int filled = fill(reader, error);
        if (filled != 0)
            return filled < 0 ? -1 : RECORD_WAIT;
    }
    return RECORD_END;
}

void record_reader_stop(struct record_reader *reader)
{
    reader->stopping = true;
}

uint64_t record_reader_size(const struct record_reader *reader)
{
    return reader->size;
}

uint64_t record_reader_consumed(const struct record_reader *reader)
{
    return reader->consumed;
}

const char *record_reader_location(const struct record_reader *reader, uint64_t number,
                                   char text[RECORD_LOCATION_MAX])
{
    size_t opened = reader->at + (reader->fd >= 0), i = opened > 0 ? opened - 1 : 0;
    while (i > 0 && reader->firsts[i] > number)
        i--;
    const char *name = is_stdin(reader->names[i]) ? "stdin" : reader->names[i];
    if (reader->format.delimiter == RECORD_WHOLE_FILE)
        snprintf(text, RECORD_LOCATION_MAX, "%.300s", name);
    else
        snprintf(text, RECORD_LOCATION_MAX, "%.300s:%" PRIu64, name,
                 number - reader->firsts[i] + 1);
    return text;
}
