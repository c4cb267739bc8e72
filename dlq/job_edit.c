#include "job_edit.h"

#include "base/cleanup.h"
#include "letter/letter_names.h"

#include <string.h>
#include <strings.h>

bool job_edit_is_empty(const struct job_edit *edit)
{
    return !edit->has_body && !edit->has_all_headers && edit->n_headers == 0;
}

bool job_edit_is_own(const char *name)
{
    return !letter_name_is_ours(name);
}

const char *job_edit_header_fault(const char *name, size_t name_length, const char *value,
                                  size_t value_length)
{
    static const char id[] = "Nats-Msg-Id";
    if (name_length == sizeof id - 1 && strncasecmp(name, id, name_length) == 0)
        return "cannot be set: a job that is put back gets a message id of its own";
    const char *fault = header_fault(name, name_length, value, value_length);
    return fault || job_edit_is_own(name) ? fault : "belongs to natsq and cannot be edited";
}

static bool is_replaced(const struct job_edit *edit, const char *name)
{
    if (edit->has_all_headers)
        return job_edit_is_own(name);
    for (size_t i = 0; i < edit->n_headers; i++)
        if (strcasecmp(name, edit->headers[i].name) == 0)
            return true;
    return false;
}

/* The names belong to the message, and end with their header. */
static natsStatus remove_replaced(const struct job_edit *edit, natsMsg *message)
{
    _cleanup_(cleanup_free) const char **names = NULL;
    int n = 0;
    natsStatus s = natsMsgHeader_Keys(message, &names, &n);
    for (int i = 0; s == NATS_OK && i < n; i++)
        if (is_replaced(edit, names[i]))
            s = natsMsgHeader_Delete(message, names[i]);
    return s == NATS_NOT_FOUND ? NATS_OK : s;
}

natsStatus job_edit_apply(const struct job_edit *edit, natsMsg *message)
{
    bool has_headers = edit->has_all_headers || edit->n_headers > 0;
    natsStatus s = has_headers ? remove_replaced(edit, message) : NATS_OK;
    for (size_t i = 0; s == NATS_OK && i < edit->n_headers; i++)
        if (edit->headers[i].value)
            s = natsMsgHeader_Add(message, edit->headers[i].name, edit->headers[i].value);
    const char *body;
    if (s == NATS_OK && edit->has_body && natsMsgHeader_Get(message, LETTER_BODY, &body) == NATS_OK)
        s = natsMsgHeader_Delete(message, LETTER_BODY); /* it has a body now */
    if (s != NATS_OK || job_edit_is_empty(edit))
        return s;
    return natsMsgHeader_Set(message, LETTER_EDITED,
                             !has_headers     ? "body"
                             : edit->has_body ? "body,headers"
                                              : "headers");
}
