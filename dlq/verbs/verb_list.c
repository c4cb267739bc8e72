#include "verbs/verbs.h"

#include "dlq.h"
#include "letters/letter_reader.h"
#include "letters/listing.h"

#include <stdio.h>

int verb_list(struct dlq *dlq, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    bool json = dlq->options->json;
    struct letter_entry entry;
    uint64_t n = 0;
    if (!json)
        listing_print_head();
    if (letter_reader_open(&reader, dlq, READ_ALL | listing_progress(), error) < 0)
        return -1;
    for (int result; (result = letter_reader_next(reader, &entry, error)) != 1;) {
        if (result < 0)
            return -1;
        listing_print(&entry, json);
        letter_entry_clear(&entry);
        /* The next letter may take a while: the server counts the matches. */
        if (n++ == 0 && listing_end(error) < 0)
            return -1;
        if (ferror(stdout))
            break;
    }
    return listing_end_whole(error) < 0 ? -1 : letter_reader_check_seqs(reader, error);
}
