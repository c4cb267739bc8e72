#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void put_text(struct error *error, size_t at,
                                                           const char *format, va_list words)
{
    if (vsnprintf(error->text + at, sizeof error->text - at, format, words) < 0)
        error->text[at] = '\0';
}

int error_set(struct error *error, int exit_code, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put_text(error, 0, format, words);
    va_end(words);
    error->exit_code = exit_code;
    return -1;
}

int error_add(struct error *error, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    put_text(error, strlen(error->text), format, words);
    va_end(words);
    return -1;
}
