#include "nats/header_iterator.h"

#include "base/cleanup.h"

static bool next_name(struct header_iterator *iterator)
{
    if (!iterator->names)
        iterator->status =
            natsMsgHeader_Keys(iterator->message, &iterator->names, &iterator->n_names);
    if (iterator->status == NATS_NOT_FOUND)
        iterator->status = NATS_OK;
    free(take(iterator->values));
    iterator->n_values = iterator->next_value = 0;
    if (iterator->status != NATS_OK || iterator->next_name == iterator->n_names)
        return false;
    iterator->name = iterator->names[iterator->next_name++];
    iterator->status = natsMsgHeader_Values(iterator->message, iterator->name, &iterator->values,
                                            &iterator->n_values);
    return iterator->status == NATS_OK;
}

bool header_iterator_next(struct header_iterator *iterator)
{
    while (iterator->next_value == iterator->n_values)
        if (!next_name(iterator))
            return false;
    iterator->is_first = iterator->next_value == 0;
    iterator->value = iterator->values[iterator->next_value++];
    return true;
}

void header_iterator_close(struct header_iterator *iterator)
{
    free(iterator->names);
    free(iterator->values);
}
