/* credentials: a creds or nkey file, for servers with decentralized (JWT) or NKey authentication.
 *
 * No seed stays in memory: each connect reads the file again, into guarded memory that is wiped at
 * once. So rotated credentials are picked up. Replace the file by rename: a half-written one fails
 * the connect.
 *
 * Threads: nats.c calls back on the thread that connects, without its lock on the connection (3.14,
 * conn.c _connectProto), and natsConnection_Destroy joins that thread. So close the credentials
 * after the connections that use them. One handle may serve several connections. */
#ifndef NATSQ_CREDENTIALS_H
#define NATSQ_CREDENTIALS_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"

#include <nats/nats.h>
#include <stdbool.h>

enum { CREDENTIALS_FILE_MAX = 64 * 1024 }; /* a JWT with thousands of permissions is smaller */

struct credentials;

/* Reads and checks the file. NULL (exit code 78, one line that names the file) when it is missing,
 * unreadable, not a regular file or too large, or holds no JWT, no seed or a bad seed. */
struct credentials *credentials_open(const char *path, struct error *error);
/* The same for an nkey file, which holds only a seed. */
struct credentials *credentials_open_nkey(const char *path, struct error *error);
void credentials_close(struct credentials *credentials); /* accepts NULL */

/* Whether group or others could read the file when it was opened. */
bool credentials_exposed(const struct credentials *credentials);

/* Connections with `options` authenticate with it; replaces other JWT or NKey settings. */
int credentials_use(natsOptions *options, struct credentials *credentials, struct error *error);

/* Logs to `log`, which must outlive it, when the file cannot be used at a reconnect, once per
 * episode. Without it such failures are silent. To be called before the first connect. */
void credentials_log(struct credentials *credentials, const struct log *log);

CLEANUP_DEFINE(struct credentials *, cleanup_credentials, credentials_close)

#endif
