#include "source/record_reader.h"

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MOST = 4 };

struct folder {
    char *path;
    char names[FILES_MOST][96];
    const char *list[FILES_MOST + 1];
    size_t n;
};

static int set_up(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    folder->path = strdup("/tmp/natsq-record_reader-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct folder *folder = *state;
    for (size_t i = 0; i < folder->n; i++)
        unlink(folder->names[i]);
    rmdir(folder->path);
    free(folder->path);
    free(folder);
    return 0;
}

static const char *new_name(struct folder *folder)
{
    size_t i = folder->n++;
    snprintf(folder->names[i], sizeof folder->names[i], "%s/%zu", folder->path, i);
    return folder->list[i] = folder->names[i];
}

static void add(struct folder *folder, const char *bytes, size_t length)
{
    FILE *file = fopen(new_name(folder), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static struct record_reader *open_all(struct folder *folder)
{
    struct record_reader *reader = NULL;
    struct error error = {0};
    assert_int_equal(record_reader_open(&reader, folder->list, folder->n,
                                        (struct record_format){'\n', false}, &error),
                     0);
    return reader;
}

static void assert_next(struct record_reader *reader, const char *bytes, size_t length)
{
    struct record record;
    struct error error = {0};
    assert_int_equal(record_reader_next(reader, &record, &error), RECORD_READY);
    assert_int_equal(record.length, length);
    assert_memory_equal(record.bytes, bytes, length);
    assert_false(record.oversize);
}

static void assert_end(struct record_reader *reader)
{
    struct record record;
    struct error error = {0};
    assert_int_equal(record_reader_next(reader, &record, &error), RECORD_END);
    assert_int_equal(record_reader_next(reader, &record, &error), RECORD_END);
}

static void assert_location(const struct record_reader *reader, uint64_t number, const char *ending)
{
    char text[RECORD_LOCATION_MAX];
    record_reader_location(reader, number, text);
    assert_string_equal(text + strlen(text) - strlen(ending), ending);
}

TEST(records_come_from_several_files)
{
    struct folder *folder = *state;
    add(folder, "a\n\nb", 4); /* an empty record, and a last one without its newline */
    add(folder, "", 0);
    add(folder, "c\0d\n", 4);
    add(folder, "\n", 1);
    _cleanup_(cleanup_record_reader) struct record_reader *reader = open_all(folder);
    assert_next(reader, "a", 1);
    assert_next(reader, "", 0);
    assert_next(reader, "b", 1);
    assert_next(reader, "c\0d", 3);
    assert_next(reader, "", 0);
    assert_location(reader, 4, "/3:1");
    assert_end(reader);
    assert_location(reader, 0, "/0:1");
    assert_location(reader, 2, "/0:3");
    assert_location(reader, 3, "/2:1");
    assert_location(reader, 4, "/3:1");
}

/* Lengths around the end of the first buffer and of larger ones. */
TEST(records_may_cross_the_buffer)
{
    struct folder *folder = *state;
    enum { BUFFER = 64 << 10 };
    static const size_t lengths[] = {BUFFER - 2, BUFFER - 1, BUFFER, BUFFER + 1,
                                     1,          5 * BUFFER, BUFFER, 0};
    const size_t n = LENGTH(lengths);
    _cleanup_(cleanup_free) char *bytes = malloc(12 * BUFFER);
    char *at = bytes;
    for (size_t i = 0; i < n; i++) {
        at = (char *)memset(at, 'a' + (int)i, lengths[i]) + lengths[i];
        *at++ = '\n';
    }
    add(folder, bytes, (size_t)(at - bytes));
    _cleanup_(cleanup_record_reader) struct record_reader *reader = open_all(folder);
    at = bytes;
    for (size_t i = 0; i < n; i++) {
        assert_next(reader, at, lengths[i]);
        at += lengths[i] + 1;
    }
    assert_end(reader);
}

TEST(an_oversize_record_is_skipped)
{
    struct folder *folder = *state;
    FILE *file = fopen(new_name(folder), "w");
    assert_int_equal(ftruncate(fileno(file), RECORD_MAX + (1 << 20)), 0); /* a hole */
    fseek(file, 0, SEEK_END);
    fputs("\nnext", file);
    fclose(file);
    _cleanup_(cleanup_record_reader) struct record_reader *reader = open_all(folder);
    struct record record;
    struct error error = {0};
    assert_int_equal(record_reader_next(reader, &record, &error), RECORD_READY);
    assert_true(record.oversize);
    assert_int_equal(record.length, 0);
    assert_next(reader, "next", 4);
    assert_end(reader);
}

static void assert_wait(struct record_reader *reader)
{
    struct record record;
    struct error error = {0};
    assert_int_equal(record_reader_next(reader, &record, &error), RECORD_WAIT);
}

/* Opens a FIFO and, with `more`, a file after it; returns the writing end. */
static int open_fifo(struct folder *folder, const char *more, struct record_reader **reader)
{
    assert_int_equal(mkfifo(new_name(folder), 0600), 0);
    if (more)
        add(folder, more, strlen(more));
    *reader = open_all(folder);
    assert_wait(*reader);
    return open(folder->names[0], O_WRONLY);
}

static void put(int writer, const char *text)
{
    assert_int_equal(write(writer, text, strlen(text)), strlen(text));
}

/* Neither for a writer, nor for the rest of a record. */
TEST(a_pipe_is_never_waited_for)
{
    _cleanup_(cleanup_record_reader) struct record_reader *reader = NULL;
    int writer = open_fifo(*state, NULL, &reader);
    assert_wait(reader);
    put(writer, "a\nb");
    assert_next(reader, "a", 1);
    assert_wait(reader);
    assert_true(record_reader_descriptor(reader) >= 0);
    put(writer, "c\n");
    assert_next(reader, "bc", 2);
    close(writer);
    assert_end(reader);
}

/* The next file begins with a new record. */
TEST(a_stop_drops_the_record_without_an_end)
{
    _cleanup_(cleanup_record_reader) struct record_reader *reader = NULL;
    int writer = open_fifo(*state, "c\nd", &reader);
    put(writer, "a\nb\nhal");
    assert_next(reader, "a", 1);
    record_reader_stop(reader);
    assert_next(reader, "b", 1);
    assert_next(reader, "c", 1);
    assert_next(reader, "d", 1);
    assert_end(reader);
    close(writer);
}

TEST(a_stop_at_the_end_of_a_pipe_keeps_the_last_record)
{
    _cleanup_(cleanup_record_reader) struct record_reader *reader = NULL;
    int writer = open_fifo(*state, NULL, &reader);
    put(writer, "a\nb");
    assert_next(reader, "a", 1);
    close(writer);
    record_reader_stop(reader);
    assert_next(reader, "b", 1);
    assert_end(reader);
}

TEST(an_unusable_file_is_refused_before_any_is_read)
{
    struct folder *folder = *state;
    add(folder, "a\n", 2);
    static const char *const bad[][2] = {{"/nonexistent", "/nonexistent"}, {"/tmp", "directory"}};
    FOR_EACH (each, bad) {
        const char *names[] = {folder->names[0], (*each)[0]};
        struct record_reader *reader = NULL;
        struct error error = {0};
        assert_int_equal(
            record_reader_open(&reader, names, 2, (struct record_format){'\n', false}, &error), -1);
        assert_null(reader);
        assert_int_equal(error.exit_code, EX_NOINPUT);
        assert_non_null(strstr(error.text, (*each)[1]));
    }
}

TEST(a_file_that_vanishes_is_an_error)
{
    struct folder *folder = *state;
    add(folder, "a\n", 2);
    add(folder, "b\n", 2);
    _cleanup_(cleanup_record_reader) struct record_reader *reader = open_all(folder);
    unlink(folder->names[1]);
    assert_next(reader, "a", 1);
    struct record record;
    struct error error = {0};
    assert_int_equal(record_reader_next(reader, &record, &error), -1);
    assert_int_equal(error.exit_code, EX_NOINPUT);
    assert_non_null(strstr(error.text, folder->names[1]));
}

AROUND_EACH(set_up, tear_down)
