#include "queue/pull_status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The status texts of nats-server 2.9 to 2.15. */
static bool is_loss(const char *description)
{
    static const char *const texts[] = {"Consumer Deleted", "Leadership Change", "Server Shutdown"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcasestr(description, texts[i]))
            return true;
    return false;
}

static enum pull_status_kind kind_of(const char *code, const char *description)
{
    if (strcmp(code, "100") == 0)
        return PULL_STATUS_HEARTBEAT;
    if (strcmp(code, "404") == 0 || strcmp(code, "408") == 0)
        return PULL_STATUS_EXPIRED;
    return is_loss(description) ? PULL_STATUS_LOST : PULL_STATUS_REFUSED;
}

void pull_status_parse(natsMsg *message, struct pull_status *status)
{
    const char *pending = NULL;
    *status = (struct pull_status){.code = "", .description = ""};
    natsMsgHeader_Get(message, "Status", &status->code);
    natsMsgHeader_Get(message, "Description", &status->description);
    status->kind = kind_of(status->code, status->description);
    if (status->kind == PULL_STATUS_HEARTBEAT)
        return;
    status->unfulfilled = SIZE_MAX;
    if (natsMsgHeader_Get(message, "Nats-Pending-Messages", &pending) == NATS_OK)
        status->unfulfilled = strtoul(pending, NULL, 10);
}
