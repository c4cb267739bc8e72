/* Destroys a message and looks which thread frees it. */
#include "fault.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic(void *) awaited;
static pthread_t freed_by;
static atomic_bool is_freed;

void __real_free(void *block);
void __wrap_free(void *block);

/* Linked in place of free, also in nats.c. */
void __wrap_free(void *block)
{
    if (block && block == atomic_load(&awaited)) {
        freed_by = pthread_self();
        atomic_store(&is_freed, true);
    }
    __real_free(block);
}

static bool is_faulty(void)
{
    enum { TRIES = 10000 };
    natsMsg *message = NULL;
    must(nats_Open(-1) == NATS_OK, "the library does not start");
    must(natsMsg_Create(&message, "subject", NULL, "", 0) == NATS_OK, "no message");
    atomic_store(&awaited, message);
    natsMsg_Destroy(message);
    for (int i = 0; i < TRIES && !atomic_load(&is_freed); i++)
        poll(NULL, 0, 1);
    must(atomic_load(&is_freed), "the message is not freed at all");
    return !pthread_equal(freed_by, pthread_self());
}
