/* nkey: a user's NKey, decoded from its seed text; signs a server's nonce with Ed25519.
 *
 * A seed is 58 characters of base32 without padding: two prefix bytes ("SU"), 32 seed bytes, and a
 * CRC16-XMODEM of these, little endian. Source: https://github.com/nats-io/nkeys and ADR-14.
 *
 * Secrets exist only in libsodium's guarded memory (locked, not dumped, between guard pages).
 * Decode buffers are wiped before a call returns, the key by nkey_close. Error messages never
 * contain a character of the seed. A handle does not change after nkey_open, so threads may share
 * it. */
#ifndef NATSQ_NKEY_H
#define NATSQ_NKEY_H

#include "base/cleanup.h"
#include "base/error.h"

enum {
    NKEY_SEED_LENGTH = 58,
    NKEY_PUBLIC_LENGTH = 56,
    NKEY_SIGNATURE_SIZE = 64,
};

struct nkey;

/* Decodes a seed; the caller keeps `text` and must wipe it. NULL (78) when it has a bad character,
 * is not a seed, has a wrong length or checksum, or is not a user's seed. */
struct nkey *nkey_open(const char *text, size_t length, struct error *error);
void nkey_close(struct nkey *key);

/* -1 (70): libsodium cannot sign. */
int nkey_sign(const struct nkey *key, const void *bytes, size_t length,
              unsigned char signature[static NKEY_SIGNATURE_SIZE], struct error *error);

/* The public key ("U..."), NKEY_PUBLIC_LENGTH characters; valid as long as the key. */
const char *nkey_public(const struct nkey *key);

CLEANUP_DEFINE(struct nkey *, cleanup_nkey, nkey_close)

#endif
