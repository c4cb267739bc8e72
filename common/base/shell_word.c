#include "base/shell_word.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "_-+=:,./@%";
    return *word && word[strspn(word, plain)] == '\0';
}

const char *shell_word(const char *word, char *text, size_t size)
{
    static const char quote[] = "'\\''"; /* ends the quotes, a quote, begins them again */
    if (is_plain(word)) {
        snprintf(text, size, "%s", word);
        return text;
    }
    size_t used = 0;
    text[used++] = '\'';
    for (; *word && used + sizeof quote + 1 < size; word++) {
        size_t n = *word == '\'' ? sizeof quote - 1 : 1;
        memcpy(text + used, *word == '\'' ? quote : word, n);
        used += n;
    }
    text[used++] = '\'';
    text[used] = '\0';
    return text;
}
