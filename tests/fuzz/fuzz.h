/* fuzz: what the fuzzers share. libFuzzer or driver.c calls LLVMFuzzerTestOneInput with arbitrary
 * bytes. */
#ifndef NATSQ_FUZZ_H
#define NATSQ_FUZZ_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length);

static inline void check(bool holds)
{
    if (!holds)
        abort();
}

/* Opens nats.c once: it frees messages in a thread of its own. */
static inline void open_nats(void)
{
    static bool is_open;
    if (!is_open)
        check(nats_Open(-1) == NATS_OK);
    is_open = true;
}

#endif
