/* plaintext_only: keeps nats.c from upgrading connections to TLS.
 *
 * nats.c upgrades a connection by itself when the server demands TLS, even at a reconnect. A
 * connection that the event loop reads must stay in plaintext (event_loop.h), so the handshake is
 * made to fail: nats.c lets a callback judge the server's certificate. Any thread. */
#ifndef NATSQ_PLAINTEXT_ONLY_H
#define NATSQ_PLAINTEXT_ONLY_H

#include <nats/nats.h>
#include <stdbool.h>

/* Connecting with these options fails where the server demands TLS. */
natsStatus plaintext_only_use(natsOptions *options);

/* Whether a server has demanded TLS of such a connection since the last call of
 * plaintext_only_reset. Process-wide: nats.c passes no closure to the callback. */
bool plaintext_only_was_violated(void);
void plaintext_only_reset(void);

#endif
