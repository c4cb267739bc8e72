/* credentials_text: what the text of a creds or nkey file says. Pure.
 *
 * A creds file holds a block with a user's JWT, then a block with its NKey seed, each a line
 * between lines with three dashes or more at both ends, as `nats auth` and `nsc` write it. An nkey
 * file holds a seed alone. Text around them, blank lines, CRLF and a missing last marker are
 * accepted, as the Go client and nats.c accept them. */
#ifndef NATSQ_CREDENTIALS_TEXT_H
#define NATSQ_CREDENTIALS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Pointers into the text, NULL for what it does not hold. */
struct credentials_parts {
    const char *jwt;
    size_t jwt_length;
    const char *seed;
    size_t seed_length;
};

void credentials_parse(const char *text, size_t length, struct credentials_parts *parts);

/* The JWT has three parts of base64url: it can be put into the JSON of CONNECT as it is. */
bool credentials_have_jwt(const struct credentials_parts *parts);

#endif
