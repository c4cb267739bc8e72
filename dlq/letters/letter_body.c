#include "letters/letter_body.h"

#include "letters/job_content.h"
#include "letters/originals.h"

#include <jansson.h>

static const struct letter *choose_it(void *letter, size_t i)
{
    (void)i;
    return letter;
}

int letter_body_find(struct requester *requester, const struct letter *letter,
                     const struct job *message, struct stored_message *original,
                     const struct job **body, struct error *error)
{
    struct letter chosen = *letter;
    *body = message;
    if (!letter->by_reference)
        return 0;
    if (originals_fetch(choose_it, &chosen, 1, original, requester, error) < 0)
        return -1;
    if (original->result == STORED_UNKNOWN)
        return error_set(error, EX_UNAVAILABLE, "cannot read the body from %s", original->stream);
    *body = original->result == STORED_THERE ? &original->job : NULL;
    return 0;
}

void letter_body_add_json(json_t *object, const struct letter *letter, const struct job *message,
                          const struct job *body)
{
    size_t length;
    (void)job_content_add_json(object, message, body ? body : message);
    if (letter->by_reference)
        json_object_set_new(object, "by_reference", json_true());
    if (!body) {
        json_object_set_new(object, "body", json_null());
        return;
    }
    job_body(body, &length);
    json_object_set_new(object, "size", json_integer((json_int_t)length));
}
