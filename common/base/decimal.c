#include "base/decimal.h"

#include <string.h>

bool decimal_scan(const char **at, uint64_t *number)
{
    const char *p = *at;
    uint64_t value = 0;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return false;
    bool has_digits = p > *at;
    *number = value;
    *at = p;
    return has_digits;
}

bool decimal_parse(const char *text, uint64_t *number)
{
    return text && decimal_scan(&text, number) && *text == '\0';
}

char *decimal_write(char *at, uint64_t number)
{
    enum { DIGITS_MOST = 20 };
    char digits[DIGITS_MOST], *first = digits + DIGITS_MOST;
    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    at = mempcpy(at, first, (size_t)(digits + DIGITS_MOST - first));
    *at = '\0';
    return at;
}
