#include "queue/added_header.h"

#include <stdlib.h>

const char *added_header(natsMsg *answer, const char *name)
{
    const char **values = NULL, *last = NULL;
    int n = 0;
    if (natsMsgHeader_Values(answer, name, &values, &n) == NATS_OK && n > 0)
        last = values[n - 1];
    free(values);
    return last;
}
