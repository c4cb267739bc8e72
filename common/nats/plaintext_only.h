/* nats_upgrade: nats.c 3.14 makes a connection with a plain URL a TLS one by itself when the server
 * demands it, also at a reconnect. One that the loop reads must stay plain (loop.h), so the upgrade
 * can be refused, linked in the place of nats.c's own step (-Wl,--wrap=natsOptions_SetSecure). Any
 * thread. */
#ifndef NATSQ_NATS_UPGRADE_H
#define NATSQ_NATS_UPGRADE_H

#include <stdbool.h>

/* From here on, for all connections of the process: an upgrade fails, and with it the connect to
 * that server. What was refused before is forgotten. */
void nats_upgrade_refuse(bool refuse);

/* Whether one was refused since. */
bool nats_upgrade_was_refused(void);

#endif
