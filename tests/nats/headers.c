/* Looks for a header by a name with which another header's name begins. */
#include "fault.h"

enum { LONGEST = 48, LONGER_MOST = 4 }; /* letters of the prefix; of what follows it */

static bool finds(natsMsg *message, const char *name)
{
    const char *value = NULL;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK;
}

static bool finds_by_prefix(size_t length, size_t longer)
{
    static const char letters[] = "AbcdefghijklmnopqrstuvwxyzAbcdefghijklmnopqrstuvwxyz";
    char prefix[sizeof letters] = "", name[sizeof letters] = "";
    natsMsg *message = NULL;
    memcpy(prefix, letters, length);
    memcpy(name, letters, length + longer);
    must(nats_Open(-1) == NATS_OK, "the library does not start"); /* its collector frees messages */
    must(natsMsg_Create(&message, "subject", NULL, "", 0) == NATS_OK, "no message");
    must(natsMsgHeader_Set(message, name, "value") == NATS_OK, "no header");
    must(finds(message, name), "a header is not found by its own name");
    bool found = finds(message, prefix);
    natsMsg_Destroy(message);
    return found;
}

static bool is_faulty(void)
{
    for (size_t length = 1; length <= LONGEST; length++)
        for (size_t longer = 1; longer <= LONGER_MOST; longer++)
            if (finds_by_prefix(length, longer))
                return true;
    return false;
}
