/* identity: how the connection options authenticate us: with a creds or nkey file, a user and
 * password, or a token. */
#ifndef NATSQ_IDENTITY_H
#define NATSQ_IDENTITY_H

#include "nats/connection_options.h"
#include "nats/credentials.h"

/* Opens the file that the options name, and warns if others may read it. `*opened` stays NULL when
 * they name none. -1 (78): it cannot be used. Keeps `log`. */
int identity_open(struct credentials **opened, const struct connection_options *options,
                  const struct log *log, struct error *error);

/* Connections with the options `nats` authenticate this way. `credentials` (NULL: none) must
 * outlive them. */
int identity_use(natsOptions *nats, const struct connection_options *options,
                 struct credentials *credentials, struct error *error);

#endif
