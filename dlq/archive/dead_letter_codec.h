/* dead_letter: a letter as bytes: a protobuf DeadLetter (dead_letter.proto), or a JSON object. */
#ifndef NATSQ_DEAD_LETTER_CODEC_H
#define NATSQ_DEAD_LETTER_CODEC_H

#include "queue/job.h"

/* The letter with a body that may be another message's. The bytes are the caller's. */
int dead_letter_pack(const struct job *letter, const struct job *body, uint8_t **bytes,
                     size_t *length, struct error *error);

/* A message as it was in the stream, for job_clear. -1 (65): it is none. */
int dead_letter_unpack(const uint8_t *bytes, size_t length, struct job *letter,
                       struct error *error);

/* The same as a line of JSON, with "\n"; see docs for its fields. The text is the caller's. */
char *dead_letter_to_json(const struct job *letter, const struct job *body);

/* 0; 1: the line that ends an archive, with the number of letters that it says in `*said`, -1 where
 * it says none; -1 (65). */
int dead_letter_from_json(const char *line, size_t length, struct job *letter, int64_t *said,
                          struct error *error);

#endif
