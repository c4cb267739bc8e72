#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_set(void **state)
{
    (void)state;
    struct error error = {0};
    assert_int_equal(error_set(&error, EX_USAGE, "%s has %d", "it", 3), -1);
    assert_int_equal(error.exit_code, EX_USAGE);
    assert_string_equal(error.text, "it has 3");
    assert_int_equal(error_set(&error, EX_CONFIG, "other"), -1);
    assert_int_equal(error.exit_code, EX_CONFIG);
    assert_string_equal(error.text, "other");
}

/* Every status of nats.c has an exit code that the design knows, and words. */
static void test_exit_codes(void **state)
{
    (void)state;
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
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error error = {0};
        assert_int_equal(error_nats(&error, rows[i].status, "cannot %s", "do"), -1);
        if (error.exit_code != rows[i].exit_code)
            fail_msg("%s gives %d, not %d", error.text, error.exit_code, rows[i].exit_code);
        char expected[256];
        snprintf(expected, sizeof expected, "cannot do: %s", natsStatus_GetText(rows[i].status));
        assert_string_equal(error.text, expected);
    }
}

static void test_every_status(void **state)
{
    (void)state;
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

static void test_truncation(void **state)
{
    (void)state;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_every_status),
        cmocka_unit_test(test_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
