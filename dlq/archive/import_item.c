#include "archive/import_item.h"

void import_batch_leave(struct import_batch *batch, struct import_item *item, const char *why)
{
    item->settled = true;
    action_report_left(batch->report, &item->entry, "%s", why);
}

const struct job *import_item_message(const struct import_item *item)
{
    return item->bare.message ? &item->bare : &item->entry.message;
}

uint64_t import_item_retries(const struct import_item *item)
{
    return item->entry.fault ? LETTER_STORE_UNREADABLE : item->entry.letter.retries;
}
