#include "nats/header.h"

#include "base/text.h"

#include <string.h>

#define MSG_ID "Nats-Msg-Id"

enum { ID_LONGEST = 1024 };

/* With an expected sequence, the answers for a refused and for a stored job could be the same. */
static bool is_reserved(const char *name, size_t length)
{
    static const char *const names[] = {MSG_ID, "Nats-Expected-", "Nats-Batch-"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = strlen(names[i]);
        bool is_prefix = names[i][n - 1] == '-';
        if ((is_prefix ? length >= n : length == n) && strncasecmp(name, names[i], n) == 0)
            return true;
    }
    return false;
}

static const char *name_fault(const char *name, size_t length)
{
    if (length == 0)
        return "has no name";
    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
            return "has a name with a blank, a colon, a control or a non-ASCII character in it";
    if (is_reserved(name, length))
        return strncasecmp(name, MSG_ID, length) == 0
                   ? "cannot be set as a header: use --id, or \"id\" with --jsonl"
                   : "cannot be set: it is a condition of the server, with which a refused job "
                     "looks like a stored one";
    return NULL;
}

const char *header_fault(const char *name, size_t name_length, const char *value,
                         size_t value_length)
{
    const char *fault = name_fault(name, name_length);
    if (fault)
        return fault;
    for (size_t i = 0; i < value_length; i++)
        if (value[i] == '\r' || value[i] == '\n' || value[i] == '\0')
            return "has a line break or a NUL in its value";
    return NULL;
}

const char *header_id_fault(const char *id, size_t length)
{
    if (length == 0)
        return "is empty";
    if (length > ID_LONGEST)
        return "is longer than 1024 bytes";
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)id[i] <= ' ' || id[i] == 0x7F)
            return "has a blank or control character in it";
    return text_is_utf8(id, length) ? NULL : "is not UTF-8";
}

bool header_split(const char *text, size_t *name_length, const char **value)
{
    *name_length = strcspn(text, ":");
    if (!text[*name_length])
        return false;
    *value = text + *name_length + 1;
    *value += strspn(*value, " \t");
    return true;
}
