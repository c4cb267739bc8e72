/* letter_body: the body of a dead job: its letter's own, or by reference that of the original. */
#ifndef NATSQ_LETTER_BODY_H
#define NATSQ_LETTER_BODY_H

#include "letter/letter.h"
#include "queue/stored_messages.h"

struct json_t;

/* `message` is the letter as it is stored. `*body` is NULL when the letter is by reference and the
 * original is gone. `original` keeps what was read, for stored_messages_clear; initialize it with
 * {0}. -1 (69): it cannot be read. */
int letter_body_find(struct requester *requester, const struct letter *letter,
                     const struct job *message, struct stored_message *original,
                     const struct job **body, struct error *error);

/* Adds "headers", "body" or "body_base64", and "size" to an object. A letter by reference gets
 * "by_reference": true; where its original is gone (`body` is NULL), the body is null. */
void letter_body_add_json(struct json_t *object, const struct letter *letter,
                          const struct job *message, const struct job *body);

#endif
