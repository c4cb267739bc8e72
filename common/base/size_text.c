#include "base/size_text.h"

#include <inttypes.h>
#include <stdio.h>

const char *size_text(uint64_t bytes, char text[SIZE_TEXT_MAX])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double size = (double)bytes;
    size_t i = 0;
    /* What would be printed as 1024 is one of the next unit. */
    for (; size >= 1023.5; i++)
        size /= 1024;
    uint64_t tenths = (uint64_t)(size * 10 + 0.5);
    if (tenths < 100 && tenths % 10 != 0)
        snprintf(text, SIZE_TEXT_MAX, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
                 units[i]);
    else
        snprintf(text, SIZE_TEXT_MAX, "%.0f %s", size, units[i]);
    return text;
}
