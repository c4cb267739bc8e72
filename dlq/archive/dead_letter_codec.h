/* dead_letter_codec: a letter as bytes: a protobuf DeadLetter (dead_letter.proto) or a line of
 * JSON. Pure. */
#ifndef NATSQ_DEAD_LETTER_CODEC_H
#define NATSQ_DEAD_LETTER_CODEC_H

#include "queue/job.h"

/* `body` is the letter or, by reference, the original. The caller frees the bytes. */
int dead_letter_pack(const struct job *letter, const struct job *body, uint8_t **bytes,
                     size_t *length, struct error *error);

/* The message as it was in the stream, for job_clear. -1 (65): not a DeadLetter. */
int dead_letter_unpack(const uint8_t *bytes, size_t length, struct job *letter,
                       struct error *error);

/* The line ends with "\n". The caller frees the text; NULL (65): a header's name is not UTF-8. */
char *dead_letter_to_json(const struct job *letter, const struct job *body, struct error *error);

/* 0: a letter. 1: the last line of an archive; `*count` is the number of letters that it states, or
 * -1. -1 (65): not a letter. */
int dead_letter_from_json(const char *line, size_t length, struct job *letter, int64_t *count,
                          struct error *error);

#endif
