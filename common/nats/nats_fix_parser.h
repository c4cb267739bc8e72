/* nats_fix_parser: gives each socket of an event loop a parser of its own, in the versions of
 * nats.c that cmake/NatsFixes.cmake lists.
 *
 * The fault (https://github.com/nats-io/nats.c/issues/1007, since event loops were introduced):
 * when an event loop reads for nats.c, the parser survives a reconnect. If the old socket broke off
 * within a message, the parser takes the first bytes of the new one for the rest of it: a job with
 * another job's bytes, or endless protocol errors and reconnects. nats.c's own reading thread
 * destroys the parser with its socket.
 *
 * The correction destroys it in the same way before the first read of a new socket.
 * natsParser_Create is linked with --wrap, which shows where nats.c keeps the parser. */
#ifndef NATSQ_NATS_FIX_PARSER_H
#define NATSQ_NATS_FIX_PARSER_H

#include <nats/nats.h>
#include <stdbool.h>

/* Initialize it with zeros; belongs to one connection. */
struct nats_fix_parser {
    void **parser;   /* where nats.c keeps it; NULL: none was created yet */
    unsigned socket; /* the number of the socket that it reads */
};

/* False where the correction is not linked: then no event loop may read the connection. */
bool nats_fix_parser_is_linked(void);

/* natsConnection_ProcessReadEvent for the socket of this number. By one thread at a time. */
void nats_fix_parser_read(struct nats_fix_parser *fix, natsConnection *nats, unsigned socket);

#endif
