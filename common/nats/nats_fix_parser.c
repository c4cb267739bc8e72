#include "nats/nats_fix_parser.h"

#include <stddef.h>

#ifdef NATSQ_NATS_FIX_parser

static _Thread_local struct nats_fix_parser *reading;

natsStatus __real_natsParser_Create(void **parser);
natsStatus __wrap_natsParser_Create(void **parser);
void natsParser_Destroy(void *parser);

natsStatus __wrap_natsParser_Create(void **parser)
{
    if (reading)
        reading->parser = parser;
    return __real_natsParser_Create(parser);
}

bool nats_fix_parser_is_linked(void)
{
    return true;
}

void nats_fix_parser_read(struct nats_fix_parser *fix, natsConnection *nats, unsigned socket)
{
    if (fix->parser && fix->socket != socket) {
        natsParser_Destroy(*fix->parser);
        *fix->parser = NULL; /* nats.c creates the next one when it is NULL */
    }
    fix->socket = socket;
    reading = fix;
    natsConnection_ProcessReadEvent(nats);
    reading = NULL;
}

#else

bool nats_fix_parser_is_linked(void)
{
    return false;
}

void nats_fix_parser_read(struct nats_fix_parser *fix, natsConnection *nats, unsigned socket)
{
    fix->socket = socket;
    natsConnection_ProcessReadEvent(nats);
}

#endif
