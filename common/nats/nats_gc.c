/* nats.c 3.14 hands each message that is destroyed to a collector thread: a lock and often a
 * wake-up for each job, and what another thread destroys while the library ends is never freed.
 * Told that an object is not for the collector, nats.c frees it where it is destroyed; so say we,
 * linked in its place (-Wl,--wrap=natsGC_collect). */
#include <stdbool.h>

bool __wrap_natsGC_collect(void *item);

bool __wrap_natsGC_collect(void *item)
{
    (void)item;
    return false;
}
