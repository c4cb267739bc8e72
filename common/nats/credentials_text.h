/* credentials_text: parses the text of a creds or nkey file. Pure.
 *
 * A creds file holds a block with a user's JWT, then a block with its NKey seed, each one line
 * between lines that begin and end with three or more dashes, as `nats auth` and `nsc` write it. An
 * nkey file holds only a seed. Text around the blocks, blank lines, CRLF and a missing last marker
 * are accepted, as the Go client and nats.c do. */
#ifndef NATSQ_CREDENTIALS_TEXT_H
#define NATSQ_CREDENTIALS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Pointers into the text; NULL where it has no such part. */
struct credentials_parts {
    const char *jwt;
    size_t jwt_length;
    const char *seed;
    size_t seed_length;
};

void credentials_parse(const char *text, size_t length, struct credentials_parts *parts);

/* Whether the JWT is three parts of base64url, which the JSON of CONNECT can hold unquoted. */
bool credentials_have_jwt(const struct credentials_parts *parts);

#endif
