#include "base/error.h"

#include "unit.h"

TEST(set)
{
    struct error error = {0};
    assert_int_equal(error_set(&error, EX_USAGE, "%s has %d", "it", 3), -1);
    assert_int_equal(error.exit_code, EX_USAGE);
    assert_string_equal(error.text, "it has 3");
    assert_int_equal(error_set(&error, EX_CONFIG, "other"), -1);
    assert_int_equal(error.exit_code, EX_CONFIG);
    assert_string_equal(error.text, "other");
}

/* Every status of nats.c has an exit code that the design knows, and words. */
TEST(exit_codes)
{
    static const struct {
        natsStatus status;
        int exit_code;
    } rows[] = {
        {NATS_CONNECTION_AUTH_FAILED, EX_NOPERM},
        {NATS_NOT_PERMITTED, EX_NOPERM},
        {NATS_NO_SERVER, EX_UNAVAILABLE},
        {NATS_TIMEOUT, EX_UNAVAILABLE},
        {NATS_NOT_FOUND, EX_UNAVAILABLE},
        {NATS_NO_RESPONDERS, EX_UNAVAILABLE},
        {NATS_CONNECTION_CLOSED, EX_UNAVAILABLE},
        {NATS_CONNECTION_DISCONNECTED, EX_UNAVAILABLE},
        {NATS_IO_ERROR, EX_UNAVAILABLE},
        {NATS_STALE_CONNECTION, EX_UNAVAILABLE},
        {NATS_SECURE_CONNECTION_REQUIRED, EX_UNAVAILABLE},
        {NATS_SSL_ERROR, EX_UNAVAILABLE},
        {NATS_ERR, EX_SOFTWARE},
        {NATS_INVALID_ARG, EX_SOFTWARE},
        {NATS_NO_MEMORY, EX_OSERR},
        {NATS_PROTOCOL_ERROR, EX_UNAVAILABLE},
        {NATS_SECURE_CONNECTION_WANTED, EX_UNAVAILABLE},
        {NATS_INSUFFICIENT_BUFFER, EX_UNAVAILABLE},
        {NATS_MAX_PAYLOAD, EX_DATAERR},
    };
    FOR_EACH (row, rows) {
        struct error error = {0};
        assert_int_equal(error_nats(&error, row->status, "cannot %s", "do"), -1);
        if (error.exit_code != row->exit_code)
            fail_msg("%s gives %d, not %d", error.text, error.exit_code, row->exit_code);
        char expected[256];
        snprintf(expected, sizeof expected, "cannot do: %s", natsStatus_GetText(row->status));
        assert_string_equal(error.text, expected);
    }
}

TEST(every_status)
{
    for (int status = NATS_OK + 1; status <= NATS_MISMATCH; status++) {
        struct error error = {0};
        error_nats(&error, (natsStatus)status, "x");
        assert_true(error.exit_code == EX_NOPERM || error.exit_code == EX_UNAVAILABLE ||
                    error.exit_code == EX_OSERR || error.exit_code == EX_DATAERR ||
                    error.exit_code == EX_SOFTWARE);
        assert_true(strlen(error.text) > strlen("x: "));
    }
}

static char *letters(size_t length)
{
    char *text = malloc(length + 1);
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

TEST(truncation)
{
    for (size_t length = ERROR_TEXT_MAX - 40; length < ERROR_TEXT_MAX + 40; length++) {
        struct error error = {0};
        char *text = letters(length);
        error_set(&error, EX_IOERR, "%s", text);
        assert_int_equal(strlen(error.text), length < ERROR_TEXT_MAX ? length : ERROR_TEXT_MAX - 1);
        assert_memory_equal(error.text, text, strlen(error.text));
        error_nats(&error, NATS_TIMEOUT, "%s", text);
        assert_true(strlen(error.text) < ERROR_TEXT_MAX);
        assert_int_equal(error.exit_code, EX_UNAVAILABLE);
        free(text);
    }
}
