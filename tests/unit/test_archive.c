#include "archive/crc32.h"
#include "archive_reading.h"

enum { LETTERS = 3 };

static const struct {
    const char *subject, *body;
    size_t length;
    const char *headers[7]; /* name, value, … */
} letters[LETTERS] = {
    {"natsq.held.orders.processor.1.2", "a body", 6, {"Natsq-Reason", "exit 1", "Colour", "blue"}},
    {"natsq.dead.orders.processor.3.4",
     "\0\xff\r\n\x1b",
     5,
     {"X", "one", "X", "two", "Odd", "\xff"}},
    {"natsq.held.orders._.5.6", "", 0, {NULL}},
};

static void make(struct job *job, int i)
{
    *job = (struct job){
        .delivery = {.seq = (uint64_t)i + 10, .stored_at = INT64_C(1000000007) * (i + 1)}};
    assert_int_equal(natsMsg_Create(&job->message, letters[i].subject, NULL, letters[i].body,
                                    (int)letters[i].length),
                     NATS_OK);
    for (size_t h = 0; letters[i].headers[h]; h += 2)
        assert_int_equal(
            natsMsgHeader_Add(job->message, letters[i].headers[h], letters[i].headers[h + 1]),
            NATS_OK);
}

static void expect(const struct job *job, int n)
{
    int i = n % LETTERS;
    size_t length;
    const char *body = job_body(job, &length);
    assert_string_equal(job_subject(job), letters[i].subject);
    assert_int_equal(length, letters[i].length);
    if (length > 0)
        assert_memory_equal(body, letters[i].body, length);
    assert_int_equal(job->delivery.seq, i + 10);
    assert_int_equal(job->delivery.stored_at, INT64_C(1000000007) * (i + 1));
    for (size_t h = 0; letters[i].headers[h]; h += 2) {
        const char **values = NULL;
        int found = 0, same = 0;
        assert_int_equal(natsMsgHeader_Values(job->message, letters[i].headers[h], &values, &found),
                         NATS_OK);
        for (int v = 0; v < found; v++)
            same += strcmp(values[v], letters[i].headers[h + 1]) == 0;
        free(values);
        assert_int_equal(same, 1);
    }
}

/* Returns an archive of all letters, which the caller frees. */
static char *write_archive(bool jsonl, size_t *length)
{
    char *bytes = NULL;
    struct error error = {0};
    struct archive_writer writer;
    FILE *file = open_memstream(&bytes, length);
    assert_int_equal(archive_begin(&writer, file, jsonl, &error), 0);
    for (int i = 0; i < LETTERS; i++) {
        struct job job;
        make(&job, i);
        assert_int_equal(archive_write(&writer, &job, &job, &error), 0);
        job_clear(&job);
    }
    assert_int_equal(archive_end(&writer, &error), 0);
    fclose(file);
    return bytes;
}

static int read_archive(const char *bytes, size_t length, bool *ended, struct error *error)
{
    return archive_read_all(bytes, length, expect, ended, error);
}

TEST(letters_read_back_as_written)
{
    for (int jsonl = 0; jsonl < 2; jsonl++) {
        size_t length;
        bool ended;
        struct error error = {0};
        char *bytes = write_archive(jsonl, &length);
        assert_int_equal(read_archive(bytes, length, &ended, &error), LETTERS);
        assert_true(ended);
        assert_int_equal(error.exit_code, 0);
        free(bytes);
    }
}

/* The letters before the cut are whole. */
TEST(a_cut_is_reported_at_every_byte)
{
    size_t length;
    char *bytes = write_archive(false, &length);
    int most = 0;
    for (size_t cut = 0; cut < length; cut++) {
        bool ended;
        struct error error = {0};
        int n = read_archive(bytes, cut, &ended, &error);
        assert_false(ended);
        assert_int_equal(error.exit_code, EX_DATAERR);
        assert_non_null(strstr(error.text, "cut off"));
        assert_in_range(n, most, LETTERS);
        most = n;
    }
    assert_int_equal(most, LETTERS);
    free(bytes);
}

TEST(a_cut_json_archive_is_reported)
{
    size_t length;
    char *bytes = write_archive(true, &length);
    for (size_t cut = 0; cut < length; cut++) {
        bool ended, at_line = cut > 0 && (bytes[cut - 1] == '\n' || bytes[cut] == '\n');
        struct error error = {0};
        read_archive(bytes, cut, &ended, &error);
        if (at_line) /* only the last line is missing */
            assert_true(ended == (cut == length - 1));
        else
            assert_int_equal(error.exit_code, EX_DATAERR);
    }
    free(bytes);
}

TEST(any_changed_byte_is_reported)
{
    size_t length;
    char *bytes = write_archive(false, &length);
    for (size_t at = 0; at < length; at++)
        for (int bit = 0; bit < 8; bit++) {
            bool ended;
            struct error error = {0};
            bytes[at] = (char)(bytes[at] ^ 1 << bit);
            read_archive(bytes, length, &ended, &error);
            assert_false(ended);
            assert_int_equal(error.exit_code, EX_DATAERR);
            bytes[at] = (char)(bytes[at] ^ 1 << bit);
        }
    free(bytes);
}

TEST(bytes_behind_the_end_are_reported)
{
    size_t length;
    bool ended;
    struct error error = {0};
    char *bytes = write_archive(false, &length);
    char *longer = malloc(length + 1);
    memcpy(longer, bytes, length);
    longer[length] = 'x';
    assert_int_equal(read_archive(longer, length + 1, &ended, &error), LETTERS);
    assert_false(ended);
    assert_int_equal(error.exit_code, EX_DATAERR);
    free(longer);
    free(bytes);
}

/* The result of `cat a b` for two archives of either form. */
static char *write_two(bool first, bool second, size_t *of_first, size_t *length)
{
    size_t of_second;
    char *a = write_archive(first, of_first), *b = write_archive(second, &of_second);
    *length = *of_first + of_second;
    char *both = malloc(*length);
    memcpy(both, a, *of_first);
    memcpy(both + *of_first, b, of_second);
    free(a);
    free(b);
    return both;
}

TEST(two_archives_in_one_file_are_read)
{
    for (int forms = 0; forms < 4; forms++) {
        size_t of_first, length;
        bool ended;
        struct error error = {0};
        char *bytes = write_two(forms & 1, forms & 2, &of_first, &length);
        assert_int_equal(read_archive(bytes, length, &ended, &error), 2 * LETTERS);
        assert_true(ended);
        assert_int_equal(error.exit_code, 0);
        free(bytes);
    }
}

/* Wherever the second one is cut, the first one is whole. */
TEST(a_cut_second_archive_is_reported)
{
    for (int first = 0; first < 2; first++) {
        size_t of_first, length;
        char *bytes = write_two(first, false, &of_first, &length);
        for (size_t cut = of_first; cut < length; cut++) {
            bool ended;
            struct error error = {0};
            int n = read_archive(bytes, cut, &ended, &error);
            assert_in_range(n, LETTERS, 2 * LETTERS);
            assert_int_equal(ended, cut == of_first);
            assert_int_equal(error.exit_code, cut == of_first ? 0 : EX_DATAERR);
        }
        free(bytes);
    }
}

TEST(the_checksum_has_known_values)
{
    assert_int_equal(crc32_add(0, "", 0), 0);
    assert_int_equal(crc32_add(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(crc32_add(crc32_add(0, "1234", 4), "56789", 5), 0xCBF43926);
}
