#include "verb.h"

#include "letters/letter_reader.h"
#include "letters/listing.h"

int verb_list(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_shelf) struct shelf *shelf = NULL;
    bool json = dlq->options->json;
    struct entry entry;
    uint64_t n = 0;
    if (!json)
        listing_head();
    if (shelf_open(&shelf, dlq, SHELF_WAITING | SHELF_HELD | listing_is_watched(), error) < 0)
        return -1;
    for (int result; (result = shelf_next(shelf, &entry, error)) != 1;) {
        if (result < 0)
            return -1;
        if (json)
            listing_print(listing_json(&entry));
        else
            listing_row(&entry);
        entry_clear(&entry);
        /* The next may take a while: the server counts what matches. */
        if (n++ == 0 && listing_end(error) < 0)
            return -1;
        if (listing_is_cut_off())
            break;
    }
    return listing_end_whole(error);
}
