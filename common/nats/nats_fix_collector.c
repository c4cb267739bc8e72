/* nats_fix_collector: frees messages where they are destroyed, in the versions of nats.c that
 * cmake/NatsFixes.cmake lists; linked in place of natsGC_collect with --wrap.
 *
 * The fault: natsMsg_Destroy hands each message to a collector thread (src/glib/glib_gc.c). That
 * takes a lock and often a wake-up for each job, which doubles a consumer's CPU time; and what is
 * destroyed after that thread has ended, while nats_Close runs, is never freed. No issue upstream
 * is known to us.
 *
 * Where natsGC_collect returns false, the caller frees the object itself. Nothing of nats.c's
 * private structures is used. */
#include <stdbool.h>

bool __wrap_natsGC_collect(void *item);

bool __wrap_natsGC_collect(void *item)
{
    (void)item;
    return false;
}
