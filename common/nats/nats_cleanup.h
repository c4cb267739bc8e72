/* nats_cleanup: `_cleanup_` functions for what nats.c allocates. */
#ifndef NATSQ_NATS_CLEANUP_H
#define NATSQ_NATS_CLEANUP_H

#include "base/cleanup.h"

#include <nats/nats.h>

CLEANUP_DEFINE(natsMsg *, cleanup_msg, natsMsg_Destroy)
CLEANUP_DEFINE(natsOptions *, cleanup_nats_options, natsOptions_Destroy)

#endif
