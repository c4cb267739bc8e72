/* The seed was made with `nats auth nkey gen user` for this test only; the JWT has just the form of
 * one. tests/integration/test_credentials.py uses real ones with a server. */
#include "nats/credentials.h"
#include "nats/credentials_text.h"
#include "nats/nats_cleanup.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define SEED "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWE"
#define DAMAGED "SUAKNQZTOFDA3INHX4ELQTDE6QHZO3FDBDXUEVDOPK2QQZUAW5ERYVBUWA"
#define ACCOUNT "SAAGXOFXTRJOGKOQNT3XOVGBHUGDAYHFGZTWXYMAVRCAESLPJPYA4LNFTI"
#define JWT "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJVQSJ9.c2ln_nat-ure"

#define JWT_BLOCK "-----BEGIN NATS USER JWT-----\n" JWT "\n------END NATS USER JWT------\n"
#define SEED_BLOCK "-----BEGIN USER NKEY SEED-----\n" SEED "\n------END USER NKEY SEED------\n"

static char folder[] = "/tmp/natsq-test-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/user.creds", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const char *bytes, size_t length, mode_t mode)
{
    _cleanup_(cleanup_fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(fchmod(fd, mode), 0);
}

static void assert_opened(struct credentials *(*open_)(const char *, struct error *), bool exposed)
{
    struct error error = {0};
    _cleanup_(cleanup_credentials) struct credentials *credentials = open_(path, &error);
    if (!credentials)
        fail_msg("%s", error.text);
    assert_int_equal(credentials_exposed(credentials), exposed);
}

static void assert_refused(struct credentials *(*open_)(const char *, struct error *),
                           const char *name, const char *words)
{
    struct error error = {0};
    _cleanup_(cleanup_credentials) struct credentials *credentials = open_(name, &error);
    assert_null(credentials);
    assert_int_equal(error.exit_code, EX_CONFIG);
    if (!strstr(error.text, words) || !strstr(error.text, name) || strchr(error.text, '\n'))
        fail_msg("\"%s\" is not a line with %s and \"%s\"", error.text, name, words);
    for (size_t i = 0; i + 4 <= strlen(SEED); i++) {
        char part[5] = {0};
        memcpy(part, &SEED[i], 4);
        assert_null(strstr(error.text, part));
    }
}

struct sample {
    const char *text, *jwt, *seed;
};

static const struct sample samples[] = {
    {JWT_BLOCK "\ntext\n\n" SEED_BLOCK "\n*****\n", JWT, SEED},
    {JWT_BLOCK SEED_BLOCK, JWT, SEED},
    {"leading\ntext\n" JWT_BLOCK SEED_BLOCK, JWT, SEED},
    /* CRLF, blanks around, other numbers of dashes, blank lines */
    {"--- JWT ---\r\n" JWT "\r\n--- E ---\r\n--- SEED ---\r\n" SEED "\r\n---E---\r\n", JWT, SEED},
    {"  ---A---  \n\t" JWT " \n---B---\n---C---\n  " SEED "\t\n---D---", JWT, SEED},
    {"---A---\n\n" JWT "\n\n---B---\n\n---C---\n\n" SEED "\n\n---D---\n", JWT, SEED},
    {"------\n" JWT "\n------\n------\n" SEED "\n------\n", JWT, SEED},
    /* missing markers */
    {JWT_BLOCK "-----BEGIN USER NKEY SEED-----\n" SEED, JWT, SEED},
    {JWT_BLOCK SEED "\n", JWT, SEED},
    {"-----BEGIN NATS USER JWT-----\n" JWT "\n" SEED_BLOCK, JWT, SEED},
    /* the first two blocks count */
    {JWT_BLOCK SEED_BLOCK "---A---\nb.b.b\n---A---\n---B---\n" DAMAGED "\n---B---\n", JWT, SEED},
    {"---\n" JWT_BLOCK SEED_BLOCK, JWT, SEED}, /* three dashes are no marker */
    {"---A---\n---A---\n" JWT_BLOCK SEED_BLOCK, JWT, SEED},
    /* a part only */
    {JWT_BLOCK, JWT, NULL},
    {JWT_BLOCK "---A---\n\n---A---\n", JWT, NULL},
    {SEED, NULL, SEED},
    {"# mine\n\n  " SEED "\r\n", NULL, SEED},
    {"", NULL, NULL},
    {"\n\n \r\n", NULL, NULL},
    {"nothing of the kind", NULL, NULL},
    {"-----BEGIN NATS USER JWT-----", NULL, NULL},
    {"-----BEGIN NATS USER JWT-----\n" JWT, NULL, NULL},
};

static void assert_part(const char *part, size_t length, const char *expected, const char *text)
{
    if (!part != !expected)
        fail_msg("%s %.40s in \"%s\"", expected ? "no" : "an unexpected",
                 expected ? expected : part, text);
    if (expected && (length != strlen(expected) || memcmp(part, expected, length) != 0))
        fail_msg("\"%.*s\" instead of \"%s\" in \"%s\"", (int)length, part, expected, text);
}

/* Parses an exact-size copy, so that a sanitizer sees a read beyond its end. */
static void parse_copy(const char *text, size_t length, const struct sample *expected)
{
    struct credentials_parts parts;
    _cleanup_(cleanup_free) char *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    credentials_parse(copy, length, &parts);
    if (!expected)
        return;
    assert_part(parts.jwt, parts.jwt_length, expected->jwt, text);
    assert_part(parts.seed, parts.seed_length, expected->seed, text);
}

TEST(finds_jwt_and_seed)
{
    FOR_EACH (sample, samples)
        parse_copy(sample->text, strlen(sample->text), sample);
}

TEST(parses_any_prefix_within_its_bounds)
{
    FOR_EACH (sample, samples)
        for (size_t length = 0; length < strlen(sample->text); length++)
            parse_copy(sample->text, length, NULL);
}

TEST(opens_a_file_with_jwt_and_seed)
{
    FOR_EACH (each, samples) {
        const struct sample *s = each;
        write_file(s->text, strlen(s->text), 0600);
        if (!s->jwt)
            assert_refused(credentials_open, path, "holds no user JWT");
        else if (!s->seed)
            assert_refused(credentials_open, path, "holds no user seed");
        else
            assert_opened(credentials_open, false);
    }
}

TEST(opens_a_file_with_a_seed)
{
    static const char *const good[] = {SEED, SEED "\n", "# mine\r\n  " SEED "\r\n", SEED_BLOCK,
                                       JWT_BLOCK SEED_BLOCK};
    FOR_EACH (each, good) {
        write_file(*each, strlen(*each), 0600);
        assert_opened(credentials_open_nkey, false);
    }
    write_file(JWT_BLOCK, strlen(JWT_BLOCK), 0600);
    assert_refused(credentials_open_nkey, path, "holds no user seed");
}

TEST(says_what_is_wrong_with_a_seed)
{
    static const char *const bad[][2] = {
        {DAMAGED, "bad checksum"},
        {ACCOUNT, "not a user's seed"},
        {"SUAKNQZTOFDA3INHX4EL", "wrong length"},
        {"SUAKNQZTOFDA3INHX4ELqtde6qhzo3fdbdxuevdopk2qqzuaw5eryvbuwe", "bad character"},
    };
    FOR_EACH (each, bad) {
        char text[512];
        int length = snprintf(text, sizeof text, "%s---A---\n%s\n---B---\n", JWT_BLOCK, (*each)[0]);
        write_file(text, (size_t)length, 0600);
        assert_refused(credentials_open, path, (*each)[1]);
        write_file((*each)[0], strlen((*each)[0]), 0600);
        assert_refused(credentials_open_nkey, path, (*each)[1]);
    }
}

TEST(refuses_what_is_no_jwt)
{
    static const char *const bad[] = {
        "a.b",    "a.b.c.d", "..",     ".b.c",  "a..c", "a.b.", "a b.c.d",
        "a.\".b", "a.b.c\\", "a.b.c=", "a.b.ä", SEED,   "*",    "a.b.c, a.b"};
    FOR_EACH (each, bad) {
        char text[512];
        int length = snprintf(text, sizeof text, "---A---\n%s\n---B---\n%s", *each, SEED_BLOCK);
        write_file(text, (size_t)length, 0600);
        assert_refused(credentials_open, path, "holds no user JWT");
    }
}

TEST(refuses_nul_bytes)
{
    static const char text[] = "---A---\na.b.c\0d\n---B---\n" SEED_BLOCK;
    write_file(text, sizeof text - 1, 0600);
    assert_refused(credentials_open, path, "holds no user JWT");
}

/* Writes a good file of this size, with empty lines before it. */
static void write_padded(size_t size)
{
    static const char text[] = JWT_BLOCK SEED_BLOCK;
    _cleanup_(cleanup_free) char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, '\n', size);
    memcpy(bytes + size - strlen(text), text, strlen(text));
    write_file(bytes, size, 0600);
}

TEST(refuses_a_file_that_is_too_large)
{
    write_padded(CREDENTIALS_FILE_MAX);
    assert_opened(credentials_open, false);
    write_padded(CREDENTIALS_FILE_MAX + 1);
    assert_refused(credentials_open, path, "larger than 64 KiB");
}

TEST(notices_a_file_that_others_can_read)
{
    static const mode_t modes[] = {0600, 0400, 0644, 0640, 0604, 0622};
    static const bool exposed[] = {false, false, true, true, true, false};
    for (size_t i = 0; i < LENGTH(modes); i++) {
        write_file(JWT_BLOCK SEED_BLOCK, strlen(JWT_BLOCK SEED_BLOCK), modes[i]);
        assert_opened(credentials_open, exposed[i]);
        assert_opened(credentials_open_nkey, exposed[i]);
        unlink(path);
    }
}

TEST(refuses_what_is_no_regular_file)
{
    char fifo[80];
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_refused(credentials_open, fifo, "not a regular file");
    unlink(fifo);
    assert_refused(credentials_open, fifo, strerror(ENOENT));
    assert_refused(credentials_open_nkey, fifo, strerror(ENOENT));
    assert_refused(credentials_open, folder, "not a regular file");
    assert_refused(credentials_open, "/dev/null", "not a regular file");
    assert_refused(credentials_open, "", strerror(ENOENT));
}

/* Root can read any file, so another user tries. */
TEST(refuses_a_file_that_cannot_be_read)
{
    write_file(JWT_BLOCK SEED_BLOCK, strlen(JWT_BLOCK SEED_BLOCK), 0);
    uid_t self = geteuid();
    if (self == 0 && seteuid(65534) < 0)
        skip();
    assert_refused(credentials_open, path, strerror(EACCES));
    assert_int_equal(seteuid(self), 0);
    unlink(path);
}

TEST(sets_the_options_of_nats)
{
    struct error error = {0};
    _cleanup_(cleanup_nats_options) natsOptions *options = NULL;
    write_file(JWT_BLOCK SEED_BLOCK, strlen(JWT_BLOCK SEED_BLOCK), 0600);
    _cleanup_(cleanup_credentials) struct credentials *creds = credentials_open(path, &error);
    _cleanup_(cleanup_credentials) struct credentials *nkey = credentials_open_nkey(path, &error);
    assert_int_equal(natsOptions_Create(&options), NATS_OK);
    assert_int_equal(credentials_use(options, creds, &error), 0);
    assert_int_equal(credentials_use(options, nkey, &error), 0);
    credentials_close(NULL);
}

AROUND_ALL(make_folder, remove_folder)
