#include "letters/letter_entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_LARGEST = 1 << 20 }; /* nats-server's max_payload, by default */

void letter_entry_read(struct letter_entry *entry, struct job *message, const char *origin)
{
    *entry = (struct letter_entry){.message = *message};
    *message = (struct job){0};
    entry->state = letter_is_held(job_subject(&entry->message)) ? LETTER_HELD : LETTER_WAITING;
    entry->fault = letter_read_of(&entry->letter, &entry->message, origin);
    if (entry->fault)
        entry->letter = (struct letter){.origin = origin,
                                        .seq = entry->message.delivery.seq,
                                        .died_at = entry->message.delivery.stored_at,
                                        .reason = "unreadable"};
}

void letter_entry_clear(struct letter_entry *entry)
{
    job_clear(&entry->message);
    free(entry->consumer);
    entry->consumer = NULL;
}

void letter_entries_clear(struct letter_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++)
        letter_entry_clear(&entries[i]);
}

size_t letter_entry_bytes(const struct letter_entry *entry)
{
    size_t length;
    job_body(&entry->message, &length);
    return entry->letter.by_reference ? MESSAGE_LARGEST : length;
}

const struct letter *letter_entry_by_reference(void *entries, size_t i)
{
    const struct letter *letter = &((const struct letter_entry *)entries)[i].letter;
    return letter->by_reference ? letter : NULL;
}

const char *letter_entry_name(const struct letter_entry *entry, char name[24])
{
    snprintf(name, 24, "%s%" PRIu64, entry->fault ? "_" : "", entry->letter.seq);
    return name;
}

const char *letter_entry_state(const struct letter_entry *entry)
{
    return letter_state_name(entry->state);
}
