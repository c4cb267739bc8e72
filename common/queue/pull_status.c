#include "queue/pull_status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* As nats-server 2.9 to 2.15 say it. */
static bool has_moved(const char *description)
{
    static const char *const words[] = {"Consumer Deleted", "Leadership Change", "Server Shutdown"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasestr(description, words[i]))
            return true;
    return false;
}

static enum pull_status_kind kind_of(const char *code, const char *description)
{
    if (strcmp(code, "100") == 0)
        return PULL_STATUS_ALIVE;
    if (strcmp(code, "404") == 0 || strcmp(code, "408") == 0)
        return PULL_STATUS_NOTHING;
    return has_moved(description) ? PULL_STATUS_MOVED : PULL_STATUS_REFUSED;
}

void pull_status_of(natsMsg *message, struct pull_status *status)
{
    const char *pending = NULL;
    *status = (struct pull_status){.code = "", .description = "", .pending = SIZE_MAX};
    natsMsgHeader_Get(message, "Status", &status->code);
    natsMsgHeader_Get(message, "Description", &status->description);
    if (natsMsgHeader_Get(message, "Nats-Pending-Messages", &pending) == NATS_OK)
        status->pending = strtoul(pending, NULL, 10);
    status->kind = kind_of(status->code, status->description);
}
