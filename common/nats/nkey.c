#include "nats/nkey.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    PREFIX_SEED = 18 << 3, /* encoded as 'S' */
    PREFIX_USER = 20 << 3, /* encoded as 'U' */
    CHECKSUM_SIZE = 2,
    SEED_HEAD = 2,
    SEED_SIZE = SEED_HEAD + crypto_sign_SEEDBYTES + CHECKSUM_SIZE,
    PUBLIC_SIZE = 1 + crypto_sign_PUBLICKEYBYTES + CHECKSUM_SIZE,
};

/* Byte members only: sodium_malloc promises no alignment for an odd size. */
struct nkey {
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    char public[NKEY_PUBLIC_LENGTH + 1];
};

static void free_guarded(unsigned char *bytes)
{
    sodium_free(bytes); /* wipes */
}

CLEANUP_DEFINE(unsigned char *, cleanup_guarded, free_guarded)

static uint16_t crc16_xmodem(const unsigned char *bytes, size_t length)
{
    unsigned crc = 0;
    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned)bytes[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    }
    return (uint16_t)crc;
}

static int base32_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    return -1;
}

static char base32_digit(unsigned value)
{
    return (char)(value < 26 ? 'A' + value : '2' + value - 26);
}

/* Decodes characters known to be base32. False when the remaining bits are not zero: else two texts
 * would encode one key. */
static bool base32_decode(const char *text, size_t length, unsigned char *bytes)
{
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < length; i++) {
        bits = (bits << 5 | (unsigned)base32_value(text[i])) & 0xfff;
        count += 5;
        if (count >= 8) {
            count -= 8;
            *bytes++ = (unsigned char)(bits >> count);
        }
    }
    bool clean = (bits & ((1u << count) - 1)) == 0;
    sodium_memzero(&bits, sizeof bits);
    return clean;
}

/* The size is a multiple of five bytes, so no bits remain. */
static void base32_encode(const unsigned char *bytes, size_t size, char *text)
{
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8 | bytes[i]) & 0xfff;
        for (count += 8; count >= 5; count -= 5)
            *text++ = base32_digit(bits >> (count - 5) & 31);
    }
    *text = '\0';
}

static int check_text(const char *text, size_t length, struct error *error)
{
    for (size_t i = 0; i < length; i++)
        if (base32_value(text[i]) < 0)
            return error_set(error, EX_CONFIG,
                             "bad character at position %zu: a seed is made of A-Z and 2-7", i + 1);
    if (length == 0 || text[0] != 'S')
        return error_set(error, EX_CONFIG, "not a seed: a user's seed begins with \"SU\"");
    if (length != NKEY_SEED_LENGTH)
        return error_set(error, EX_CONFIG, "wrong length: a seed has %d characters, this has %zu",
                         NKEY_SEED_LENGTH, length);
    return 0;
}

static bool checksum_fits(const unsigned char *bytes, size_t size)
{
    const unsigned char *sum = bytes + size - CHECKSUM_SIZE;
    return crc16_xmodem(bytes, size - CHECKSUM_SIZE) == (sum[0] | sum[1] << 8);
}

/* The seed's prefix is 5 bits of PREFIX_SEED, then the 8 bits of the key's kind, then 3 of zero. */
static bool is_users(const unsigned char *seed)
{
    return seed[0] == (PREFIX_SEED | PREFIX_USER >> 5) && seed[1] == (PREFIX_USER << 3 & 0xff);
}

static int decode_seed(const char *text, unsigned char *seed, struct error *error)
{
    bool clean = base32_decode(text, NKEY_SEED_LENGTH, seed);
    if (!clean || !checksum_fits(seed, SEED_SIZE))
        return error_set(error, EX_CONFIG, "bad checksum: the seed is damaged");
    if (!is_users(seed))
        return error_set(error, EX_CONFIG, "not a user's seed: that begins with \"SU\"");
    return 0;
}

static void put_public(char *text, const unsigned char *public)
{
    unsigned char bytes[PUBLIC_SIZE] = {PREFIX_USER};
    memcpy(bytes + 1, public, crypto_sign_PUBLICKEYBYTES);
    unsigned crc = crc16_xmodem(bytes, PUBLIC_SIZE - CHECKSUM_SIZE);
    bytes[PUBLIC_SIZE - 2] = crc & 0xff;
    bytes[PUBLIC_SIZE - 1] = (unsigned char)(crc >> 8);
    base32_encode(bytes, sizeof bytes, text);
}

static int derive(struct nkey *key, const char *text, struct error *error)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES];
    _cleanup_(cleanup_guarded) unsigned char *seed = sodium_malloc(SEED_SIZE);
    if (!seed)
        return error_set(error, EX_OSERR, "cannot allocate guarded memory for a seed");
    if (decode_seed(text, seed, error) < 0)
        return -1;
    if (crypto_sign_seed_keypair(public, key->secret, seed + SEED_HEAD) != 0)
        return error_set(error, EX_SOFTWARE, "no key could be derived from the seed");
    put_public(key->public, public);
    return 0;
}

struct nkey *nkey_open(const char *text, size_t length, struct error *error)
{
    if (check_text(text, length, error) < 0)
        return NULL;
    if (sodium_init() < 0) {
        error_set(error, EX_OSERR, "cannot initialize libsodium");
        return NULL;
    }
    _cleanup_(cleanup_nkey) struct nkey *key = sodium_malloc(sizeof *key);
    if (!key) {
        error_set(error, EX_OSERR, "cannot allocate guarded memory for a key");
        return NULL;
    }
    if (derive(key, text, error) < 0)
        return NULL;
    return take(key);
}

void nkey_close(struct nkey *key)
{
    sodium_free(key); /* wipes; accepts NULL */
}

int nkey_sign(const struct nkey *key, const void *bytes, size_t length,
              unsigned char signature[static NKEY_SIGNATURE_SIZE], struct error *error)
{
    if (crypto_sign_detached(signature, NULL, bytes, length, key->secret) != 0)
        return error_set(error, EX_SOFTWARE, "the nonce could not be signed");
    return 0;
}

const char *nkey_public(const struct nkey *key)
{
    return key->public;
}

_Static_assert(NKEY_SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519 signatures");
_Static_assert(PUBLIC_SIZE % 5 == 0, "no base32 bits left over");
