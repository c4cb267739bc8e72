/* nats_parser: nats.c 3.14 keeps its parser through a reconnect when an event loop reads for it,
 * and then takes the first bytes of the new connection for the rest of a message that the old one
 * broke off within (its issue 1007): a job with another's bytes, or reconnects without end. So the
 * parser is destroyed, as nats.c's own reading thread does it; where it lies is seen when it is
 * made
 * (-Wl,--wrap=natsParser_Create). */
#ifndef NATSQ_NATS_PARSER_H
#define NATSQ_NATS_PARSER_H

#include <stdbool.h>

/* Whether this can be done: not with a shared nats.c. */
bool nats_parser_can_be_seen(void);

/* `place` is told where the next parser lies that this thread has nats.c make; NULL: no more. */
void nats_parser_see(void ***place);

/* Destroys the parser there; nats.c makes a new one when it is needed. By the thread that reads. */
void nats_parser_drop(void **parser);

#endif
