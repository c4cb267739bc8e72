#include "nats/plaintext_only.h"

#include <nats/nats.h>
#include <stdatomic.h>

static atomic_bool refuses, refused;

#ifdef NATSQ_NATS_STATIC

natsStatus __real_natsOptions_SetSecure(natsOptions *options, bool secure);
natsStatus __wrap_natsOptions_SetSecure(natsOptions *options, bool secure);

natsStatus __wrap_natsOptions_SetSecure(natsOptions *options, bool secure)
{
    if (!secure || !atomic_load(&refuses))
        return __real_natsOptions_SetSecure(options, secure);
    atomic_store(&refused, true);
    return NATS_SECURE_CONNECTION_REQUIRED;
}

#endif

void nats_upgrade_refuse(bool refuse)
{
    atomic_store(&refuses, refuse);
    atomic_store(&refused, false);
}

bool nats_upgrade_was_refused(void)
{
    return atomic_load(&refused);
}
