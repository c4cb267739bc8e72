#include "nats/plaintext_only.h"

#include <stdatomic.h>

static atomic_bool violated;

/* Called in the handshake for each certificate of the server; 0 ends the handshake. */
static int refuse_certificate(int is_trusted, void *context)
{
    (void)is_trusted;
    (void)context;
    atomic_store(&violated, true);
    return 0;
}

natsStatus plaintext_only_use(natsOptions *options)
{
    return natsOptions_SetSSLVerificationCallback(options, refuse_certificate);
}

bool plaintext_only_was_violated(void)
{
    return atomic_load(&violated);
}

void plaintext_only_reset(void)
{
    atomic_store(&violated, false);
}
