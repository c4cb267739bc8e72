#include "nats/nats_error.h"

#include "unit.h"

TEST(statuses_have_exit_codes)
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

TEST(every_status_has_an_exit_code_and_a_text)
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

TEST(a_long_text_is_cut)
{
    for (int length = ERROR_TEXT_MAX - 40; length < ERROR_TEXT_MAX + 40; length++) {
        struct error error = {0};
        error_nats(&error, NATS_TIMEOUT, "%*s", length, "x");
        assert_true(strlen(error.text) == ERROR_TEXT_MAX - 1 || strstr(error.text, ": "));
        assert_int_equal(error.exit_code, EX_UNAVAILABLE);
    }
}
