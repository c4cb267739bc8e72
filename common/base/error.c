#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void put_text(struct error *error, size_t at,
                                                           const char *format, va_list arguments)
{
    if (vsnprintf(error->text + at, sizeof error->text - at, format, arguments) < 0)
        error->text[at] = '\0';
}

int error_set(struct error *error, int exit_code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_text(error, 0, format, arguments);
    va_end(arguments);
    error->exit_code = exit_code;
    return -1;
}

int error_add(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_text(error, strlen(error->text), format, arguments);
    va_end(arguments);
    return -1;
}
