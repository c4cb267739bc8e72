/* credentials: who we are, to a server with decentralized (JWT) or NKey authentication.
 *
 * No seed stays in memory: the file is read again at every (re)connect, into guarded memory that is
 * wiped at once. So rotated credentials are picked up; replace the file by rename, for what is read
 * half written costs a failed attempt.
 *
 * Thread rules: nats.c calls back on the thread that (re)connects, without the connection's lock
 * (3.14, conn.c _connectProto). natsConnection_Destroy joins that thread; so close the credentials
 * after the connections that use them. One handle may serve several connections. */
#ifndef NATSQ_CREDENTIALS_H
#define NATSQ_CREDENTIALS_H

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"

#include <nats/nats.h>
#include <stdbool.h>

enum { CREDENTIALS_FILE_MAX = 64 * 1024 }; /* a JWT with thousands of permissions is still less */

struct credentials;

/* Reads and checks the file. NULL (exit code 78, one line that names the file) when it is missing,
 * unreadable, no regular file or too large, or holds no JWT, no seed or a bad seed. */
struct credentials *credentials_open(const char *path, struct error *error);
struct credentials *credentials_open_nkey(const char *path, struct error *error);
void credentials_close(struct credentials *credentials); /* takes NULL */

/* Whether group or others may read the file: worth a warning. As it was when opened. */
bool credentials_exposed(const struct credentials *credentials);

/* Makes connections made with `options` authenticate so; replaces other JWT or NKey settings. */
int credentials_use(natsOptions *options, struct credentials *credentials, struct error *error);

/* Where to say, once, that a file cannot be used at a reconnect; without it nobody hears of it. To
 * be called before the first connect; `log` stays the caller's. */
void credentials_log(struct credentials *credentials, const struct log *log);

CLEANUP_DEFINE(struct credentials *, cleanup_credentials, credentials_close)

#endif
