/* stream_guess: which two streams the user meant, when the names given do not belong together.
 * Pure. */
#ifndef NATSQ_STREAM_GUESS_H
#define NATSQ_STREAM_GUESS_H

#include <stdbool.h>

struct json_t;

struct stream_guess {
    const char *stream, *origin; /* borrowed from `streams`; the stream is the DLQ's */
};

/* `streams`: an array of answers to STREAM.INFO, of which only `config` matters. Of all pairs in
 * which one takes letters or advisories about the other, the guess is the one whose names are
 * nearest to those given, in their order or swapped. False: none is near. */
bool stream_guess(const struct json_t *streams, const char *stream, const char *origin,
                  struct stream_guess *guess);

#endif
