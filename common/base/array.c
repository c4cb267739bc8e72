#include "base/array.h"

#include <stdlib.h>

enum { ROOM_AT_FIRST = 16 };

void *array_grow(void *items, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return items;
    size_t more = *room ? 2 * *room : ROOM_AT_FIRST;
    void *grown = reallocarray(items, more, size);
    if (grown)
        *room = more;
    return grown;
}
