#include "base/fault_point.h"

#ifdef NATSQ_FAULT_POINTS

#include "base/coverage.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void end_process(void)
{
    coverage_dump();
    kill(getpid(), SIGKILL);
}

void fault_point(const char *name)
{
    static atomic_long passes;
    const char *wanted = getenv("NATSQ_FAULT_POINT");
    size_t length = strlen(name);
    if (!wanted || strncmp(wanted, name, length) != 0 ||
        (wanted[length] != '\0' && wanted[length] != ':'))
        return;
    long which = wanted[length] ? strtol(wanted + length + 1, NULL, 10) : 1;
    if (atomic_fetch_add(&passes, 1) + 1 != which)
        return;
    if (getenv("NATSQ_FAULT_POINT_STOP"))
        raise(SIGSTOP); /* sent to this thread, so that it runs no further before it arrives */
    else
        end_process();
}

#endif
