#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void put_text(struct error *error, const char *format,
                                                           va_list words)
{
    int written = vsnprintf(error->text, sizeof error->text, format, words);
    if (written < 0)
        error->text[0] = '\0';
}

int error_set(struct error *error, int exit_code, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put_text(error, format, words);
    va_end(words);
    error->exit_code = exit_code;
    return -1;
}

int error_add(struct error *error, const char *format, ...)
{
    va_list words;
    size_t used = strlen(error->text);
    va_start(words, format);
    if (vsnprintf(error->text + used, sizeof error->text - used, format, words) < 0)
        error->text[used] = '\0';
    va_end(words);
    return -1;
}

static int exit_code_of(natsStatus status)
{
    switch (status) {
    case NATS_CONNECTION_AUTH_FAILED:
    case NATS_NOT_PERMITTED:
        return EX_NOPERM;
    case NATS_NO_SERVER:
    case NATS_TIMEOUT:
    case NATS_NOT_FOUND:
    case NATS_NO_RESPONDERS:
    case NATS_CONNECTION_CLOSED:
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_IO_ERROR:
    case NATS_STALE_CONNECTION:
    case NATS_SECURE_CONNECTION_REQUIRED:
    case NATS_SECURE_CONNECTION_WANTED:
    case NATS_SSL_ERROR:
    case NATS_PROTOCOL_ERROR:
    case NATS_INSUFFICIENT_BUFFER: /* of a connection that is broken */
    case NATS_DRAINING:
        return EX_UNAVAILABLE;
    case NATS_NO_MEMORY:
        return EX_OSERR;
    case NATS_MAX_PAYLOAD:
    case NATS_INVALID_SUBJECT:
        return EX_DATAERR;
    default:
        return EX_SOFTWARE;
    }
}

int error_nats(struct error *error, natsStatus status, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put_text(error, format, words);
    va_end(words);
    error->exit_code = exit_code_of(status);
    return error_add(error, ": %s", natsStatus_GetText(status));
}
