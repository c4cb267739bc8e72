#include "archive_reading.h"

static void assert_read(const char *text, int n, bool ended, int code, const char *words)
{
    bool is_ended;
    struct error error = {0};
    int read = archive_read_all(text, strlen(text), NULL, &is_ended, &error);
    if (read != n || is_ended != ended || error.exit_code != code || !strstr(error.text, words))
        fail_msg("%s: %d letters, ended %d, code %d: %s", text, read, is_ended, error.exit_code,
                 error.text);
}

/* A wrong count means damage; a missing last line does not, because a user may have picked lines.
 */
TEST(the_count_in_the_last_line_is_checked)
{
#define LINE "{\"place\":\"a.b\",\"headers\":{},\"body\":\"x\"}\n"
#define END(n) "{\"end\":true,\"letters\":" #n "}\n"
#define MARK "\xEF\xBB\xBF"
    static const struct {
        const char *text;
        int n;
        bool ended;
        int code;
        const char *words;
    } files[] = {
        {LINE LINE END(2), 2, true, 0, ""},
        {LINE END(99), 1, false, EX_DATAERR, "hold 99 letters, but holds 1"},
        {LINE LINE END(1), 2, false, EX_DATAERR, "hold 1 letter, but holds 2"},
        {LINE END(1) LINE LINE END(2), 3, true, 0, ""},
        {LINE END(1) LINE LINE END(3), 3, false, EX_DATAERR, "hold 3 letters, but holds 2"},
        {LINE END(2) LINE END(1), 1, false, EX_DATAERR, "was not read"},
        {END(0) END(0) LINE END(1), 1, true, 0, ""},
        {LINE "{\"end\":true}\n" LINE END(1), 2, true, 0, ""},
        {LINE LINE, 2, false, 0, ""},
        {LINE END(1) LINE, 2, false, 0, ""},
        {"{\"end\":true,\"letters\":0}", 0, true, 0, ""},
        {LINE "\n\r\n" LINE " \n" END(2) "\n\r\n \n", 2, true, 0, ""},
        {LINE END(1) "\r\n" LINE END(1), 2, true, 0, ""},
        {MARK LINE END(1), 1, true, 0, ""},
        {MARK LINE END(1) MARK LINE END(1), 2, true, 0, ""},
        {LINE MARK LINE END(2), 2, true, 0, ""},
        {LINE "\n{]\n", 1, false, EX_DATAERR, "line 3"},
    };
    FOR_EACH (file, files)
        assert_read(file->text, file->n, file->ended, file->code, file->words);
}

TEST(files_that_are_no_archive_are_refused)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *words;
    } files[] = {
        {"hello", 5, "not an archive"},
        {"\n", 1, "not an archive"},
        {"natsqDLQ\x02\0\0\0", 12, "version 2"},
        {"{\n", 2, "line 1"},
        {"{}\n", 3, "\"place\""},
        {"{\"place\":\"a..b\"}\n", 17, "\"place\""},
        {"{\"place\":\"a\",\"body_base64\":\"?\"}\n", 32, "\"body_base64\""},
        {"{\"place\":\"a\",\"headers\":{\"a b\":[\"c\"]}}\n", 38, "\"headers\""},
        {"{\"place\":\"a\",\"headers\":{\"a\":[\"c\\nd: e\"]}}\n", 42, "\"headers\""},
        {"{\"place\":\"a\",\"headers\":{\"a\":7}}\n", 32, "\"headers\""},
        {"{\"place\":\"a\",\"stored\":\"now\"}\n", 29, "\"stored\""},
        {"{\"a\":1}\n[]\n", 11, "line 1"},
        {"\n{}\n", 4, "not an archive"},
        {"{\"end\":true,\"letters\":1}\n", 26, "hold 1 letter, but holds 0"},
        {"{\"end\":true,\"letters\":-1}\n", 27, "\"letters\""},
        {"{\"end\":true,\"letters\":0.0}\n", 28, "\"letters\""},
        {"{\"end\":true,\"letters\":\"0\"}\n", 28, "\"letters\""},
        {"{\"end\":true,\"letters\":null}\n", 29, "\"letters\""},
        {"{\"end\":true,\"letters\":0}\n\n[]\n", 30, "continues after its end"},
        {"{\"end\":true,\"letters\":0}\n{]\n", 29, "line 2"},
        {"{\"end\":true,\"letters\":0}\nnatsqDLQ", 34, "cut off"},
        {"\xEF\xBB\xBF", 3, "cut off"},
        {"\xEF\xBB", 2, "not an archive"},
        {"\xEFnatsqDLQ\x01\0\0\0", 13, "not an archive"},
        {"natsqDLQ\x01\0\0\0\xff\xff\xff\xff\xff\xff", 18, "damaged"},
        {"natsqDLQ\x01\0\0\0\xff\xff\xff\x7f", 16, "cut off"},
    };
    for (size_t i = 0; i < LENGTH(files); i++) {
        bool ended;
        struct error error = {0};
        assert_int_equal(archive_read_all(files[i].bytes, files[i].length, NULL, &ended, &error),
                         0);
        assert_int_equal(error.exit_code, EX_DATAERR);
        if (!strstr(error.text, files[i].words))
            fail_msg("file %zu: '%s' does not say '%s'", i, error.text, files[i].words);
    }
}
