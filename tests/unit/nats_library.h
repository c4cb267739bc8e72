/* nats_library: opens nats.c around all tests of a file, since it frees messages in a thread of its
 * own, and ends that thread before a leak checker looks. Included once, after unit.h. */
#ifndef NATSQ_NATS_LIBRARY_H
#define NATSQ_NATS_LIBRARY_H

#include "unit.h"

#include <nats/nats.h>

static int open_nats(__attribute__((unused)) void **state)
{
    return nats_Open(-1) == NATS_OK ? 0 : -1;
}

static int close_nats(__attribute__((unused)) void **state)
{
    return nats_CloseAndWait(0) == NATS_OK ? 0 : -1;
}

AROUND_ALL(open_nats, close_nats)

#endif
