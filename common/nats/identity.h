/* identity: who we are to the server, as the connection options say: a creds or nkey file, a user
 * with a password, or a token. */
#ifndef NATSQ_IDENTITY_H
#define NATSQ_IDENTITY_H

#include "nats/connection_options.h"
#include "nats/credentials.h"

/* Opens the file that the options name, and warns where others may read it. `*opened` stays NULL
 * without one. -1 (78): it cannot be used. `log` is kept. */
int identity_open(struct credentials **opened, const struct connection_options *options,
                  const struct log *log, struct error *error);

/* Makes connections made with `nats` authenticate so. `credentials` (NULL: none) must outlive
 * them. */
int identity_use(natsOptions *nats, const struct connection_options *options,
                 struct credentials *credentials, struct error *error);

#endif
