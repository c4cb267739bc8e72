#include "nats/nats_fix_parser.h"

#include <nats/nats.h>
#include <stddef.h>

#ifdef NATSQ_NATS_STATIC

static _Thread_local void ***seen_at;

natsStatus __real_natsParser_Create(void **parser);
natsStatus __wrap_natsParser_Create(void **parser);
void natsParser_Destroy(void *parser);

natsStatus __wrap_natsParser_Create(void **parser)
{
    if (seen_at)
        *seen_at = parser;
    return __real_natsParser_Create(parser);
}

bool nats_parser_can_be_seen(void)
{
    return true;
}

void nats_parser_see(void ***place)
{
    seen_at = place;
}

void nats_parser_drop(void **parser)
{
    natsParser_Destroy(*parser);
    *parser = NULL;
}

#else

bool nats_parser_can_be_seen(void)
{
    return false;
}

void nats_parser_see(void ***place)
{
    (void)place;
}

void nats_parser_drop(void **parser)
{
    (void)parser;
}

#endif
