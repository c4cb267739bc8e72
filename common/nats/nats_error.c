#include "nats/nats_error.h"

#include <stdarg.h>
#include <stdio.h>

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
    case NATS_INSUFFICIENT_BUFFER: /* the connection is broken */
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
    char text[ERROR_TEXT_MAX];
    va_list words;
    va_start(words, format);
    int written = vsnprintf(text, sizeof text, format, words);
    va_end(words);
    return error_set(error, exit_code_of(status), "%s: %s", written < 0 ? "" : text,
                     natsStatus_GetText(status));
}
