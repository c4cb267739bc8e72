/* nkey: a user's NKey, read from its seed text, that signs a server's nonce with Ed25519.
 *
 * A seed is 58 characters of base32 without padding: two prefix bytes ("SU"), 32 seed bytes, and a
 * CRC16-XMODEM of these, little endian. Source: https://github.com/nats-io/nkeys and ADR-14.
 *
 * What is secret lives in libsodium's guarded memory alone (locked, not dumped, between guard
 * pages); decode buffers are wiped before a call returns, the key at nkey_close. Error texts may
 * be shown to anyone: they never repeat a character of the seed.
 * A handle is not changed after nkey_open, so several threads may sign with it. */
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

/* Decodes a seed; `text` stays the caller's, to wipe as well. NULL (exit code 78) when the text has
 * a bad character, is not a seed, has a wrong length or checksum, or is not a user's seed. */
struct nkey *nkey_open(const char *text, size_t length, struct error *error);
void nkey_close(struct nkey *key);

int nkey_sign(const struct nkey *key, const void *bytes, size_t length,
              unsigned char signature[static NKEY_SIGNATURE_SIZE], struct error *error);

/* The public key ("U..."), NKEY_PUBLIC_LENGTH characters; lives as long as the key. */
const char *nkey_public(const struct nkey *key);

CLEANUP_DEFINE(struct nkey *, cleanup_nkey, nkey_close)

#endif
