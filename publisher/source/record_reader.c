#include "source/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

/* The largest holds the longest record and its delimiter, with room to read on. */
enum { BUFFER_FIRST = 64 << 10, BUFFER_MOST = INPUT_RECORD_MAX + BUFFER_FIRST };

struct input {
    const char *const *names;
    size_t n, at;     /* the file that is read; n: at the end */
    uint64_t *firsts; /* number of each file's first record */
    uint64_t number;  /* of the next record */
    int fd;           /* -1: the file is not open yet */
    bool file_ended;  /* all of the file is in the buffer */
    bool broken_off;  /* all that a stop leaves of it */
    bool skipping;    /* over the rest of a record that is too long */
    bool regular;     /* the file is; so it can be read without waiting */
    bool stopping;
    struct input_cut cut;
    uint64_t size, given;
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

/* Without opening it: a FIFO's writer would be told that its reader went away. */
static int look_at(const char *name, uint64_t *size, struct error *error)
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

static int look_at_all(struct input *input, struct error *error)
{
    bool known = true;
    for (size_t i = 0; i < input->n; i++) {
        uint64_t size = 0;
        if (look_at(input->names[i], &size, error) < 0)
            return -1;
        known = known && size > 0;
        input->size += size;
    }
    input->size = known ? input->size : 0;
    return 0;
}

int input_open(struct input **opened, const char *const *names, size_t n, struct input_cut cut,
               struct error *error)
{
    _cleanup_(cleanup_input) struct input *input = calloc(1, sizeof *input);
    if (!input)
        return error_set(error, EX_OSERR, "out of memory");
    input->fd = -1;
    input->names = n > 0 ? names : standard_input;
    input->n = n > 0 ? n : 1;
    input->cut = cut;
    input->room = BUFFER_FIRST;
    input->buffer = malloc(input->room);
    input->firsts = calloc(input->n, sizeof *input->firsts);
    if (!input->buffer || !input->firsts)
        return error_set(error, EX_OSERR, "out of memory");
    if (look_at_all(input, error) < 0)
        return -1;
    *opened = take(input);
    return 0;
}

static void close_file(struct input *input)
{
    if (input->fd > STDERR_FILENO)
        close(input->fd);
    input->fd = -1;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    close_file(input);
    free(input->buffer);
    free(input->firsts);
    free(input);
}

int input_descriptor(const struct input *input)
{
    return input->fd;
}

/* O_NONBLOCK, or the open of a FIFO would wait for its writer. */
static int open_file(struct input *input, struct error *error)
{
    const char *name = input->names[input->at];
    input->fd = is_stdin(name) ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (input->fd < 0)
        return cannot_read(name, errno, error);
    struct stat status;
    input->regular = fstat(input->fd, &status) == 0 && S_ISREG(status.st_mode);
    input->file_ended = input->broken_off = false;
    input->firsts[input->at] = input->number;
    return 0;
}

static void next_file(struct input *input)
{
    close_file(input);
    input->at++;
}

/* Moves what is left to the front, and makes the buffer larger when that is all of it. */
static int make_room(struct input *input, struct error *error)
{
    if (input->start > 0) {
        memmove(input->buffer, input->buffer + input->start, input->end - input->start);
        input->scanned -= input->start;
        input->end -= input->start;
        input->start = 0;
    }
    if (input->end < input->room)
        return 0;
    size_t room = 2 * input->room < BUFFER_MOST ? 2 * input->room : BUFFER_MOST;
    char *grown = realloc(input->buffer, room);
    if (!grown)
        return error_set(error, EX_OSERR, "out of memory");
    input->buffer = grown;
    input->room = room;
    return 0;
}

/* A stop does not wait for the end of a record, and half of one is none; but when the writer is
 * gone and nothing is left to read, it was the last. */
static void break_off(struct input *input, const struct pollfd *on)
{
    input->file_ended = true;
    input->broken_off = on->revents != POLLHUP;
    if (!input->broken_off)
        return;
    input->start = input->scanned = input->end;
    input->skipping = false;
}

/* 0: read something or came to the file's end. 1: nothing is there yet. */
static int fill(struct input *input, struct error *error)
{
    struct pollfd on = {.fd = input->fd, .events = POLLIN};
    int ready = poll(&on, 1, 0);
    if (input->stopping && !input->regular) {
        break_off(input, &on);
        return 0;
    }
    if (ready == 0)
        return 1;
    if (make_room(input, error) < 0)
        return -1;
    ssize_t n = read(input->fd, input->buffer + input->end, input->room - input->end);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 1;
    if (n < 0)
        return cannot_read(input->names[input->at], errno, error);
    input->end += (size_t)n;
    input->file_ended = n == 0;
    return 0;
}

/* The record ends at `end`, and what follows starts at `next`. False: it is to be left out. */
static bool give(struct input *input, struct record *record, size_t end, size_t next)
{
    size_t length = end - input->start;
    bool oversize = input->skipping || length > INPUT_RECORD_MAX;
    *record = (struct record){
        .bytes = input->buffer + input->start,
        .length = oversize ? 0 : length,
        .number = input->number++,
        .oversize = oversize,
        .partial = end == next && input->cut.delimiter != INPUT_WHOLE,
    };
    input->given += next - input->start;
    input->skipping = false;
    input->start = input->scanned = next;
    return oversize || length > 0 || !input->cut.skip_empty;
}

/* Drops what there is of a record that is too long already. */
static void drop_oversize(struct input *input)
{
    if (!input->skipping && input->end - input->start <= INPUT_RECORD_MAX)
        return;
    input->skipping = true;
    input->given += input->end - input->start;
    input->start = input->scanned = input->end;
}

/* True when a record is complete in the buffer, which then ends at `end`. */
static bool find_end(struct input *input, size_t *end)
{
    const char *from = input->buffer + input->scanned;
    const char *hit = input->cut.delimiter == INPUT_WHOLE
                          ? NULL
                          : memchr(from, input->cut.delimiter, input->end - input->scanned);
    *end = hit ? (size_t)(hit - input->buffer) : input->end;
    return hit;
}

/* What is left at a file's end is a record, though nothing delimits it. */
static bool has_rest(const struct input *input)
{
    if (input->broken_off)
        return false;
    return input->end > input->start || input->skipping || input->cut.delimiter == INPUT_WHOLE;
}

int input_next(struct input *input, struct record *record, struct error *error)
{
    while (input->at < input->n) {
        size_t end;
        if (input->fd < 0 && open_file(input, error) < 0)
            return -1;
        if (find_end(input, &end)) {
            if (give(input, record, end, end + 1))
                return INPUT_RECORD;
            continue;
        }
        input->scanned = input->end;
        if (input->file_ended) {
            next_file(input);
            if (has_rest(input) && give(input, record, input->end, input->end))
                return INPUT_RECORD;
            continue;
        }
        drop_oversize(input);
        int filled = fill(input, error);
        if (filled != 0)
            return filled < 0 ? -1 : INPUT_WAIT;
    }
    return INPUT_END;
}

void input_stop(struct input *input)
{
    input->stopping = true;
}

uint64_t input_size(const struct input *input)
{
    return input->size;
}

uint64_t input_given(const struct input *input)
{
    return input->given;
}

const char *input_place(const struct input *input, uint64_t number, char place[INPUT_PLACE_MAX])
{
    size_t opened = input->at + (input->fd >= 0), i = opened > 0 ? opened - 1 : 0;
    while (i > 0 && input->firsts[i] > number)
        i--;
    const char *name = is_stdin(input->names[i]) ? "stdin" : input->names[i];
    if (input->cut.delimiter == INPUT_WHOLE)
        snprintf(place, INPUT_PLACE_MAX, "%.300s", name);
    else
        snprintf(place, INPUT_PLACE_MAX, "%.300s:%" PRIu64, name, number - input->firsts[i] + 1);
    return place;
}
