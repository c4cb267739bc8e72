/* input: the bytes of the FILEs, one after the other, cut into records.
 *
 * Memory is bounded by the longest record, and that by INPUT_RECORD_MAX. A pipe is read only when
 * something is in it, so that jobs in flight are looked after meanwhile. */
#ifndef NATSQ_INPUT_H
#define NATSQ_INPUT_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* No server takes a larger message. */
enum { INPUT_RECORD_MAX = 64 << 20, INPUT_PLACE_MAX = 400 };

/* Not a byte: each file is one record, an empty one too. */
enum { INPUT_WHOLE = -1 };

/* How the bytes are cut: at a byte, and whether empty records are left out (they are counted). */
struct input_cut {
    int delimiter;
    bool skip_empty;
};

struct record {
    const char *bytes; /* until the next call */
    size_t length;
    uint64_t number; /* from 0, over all files */
    bool oversize;   /* longer than INPUT_RECORD_MAX: skipped */
    bool partial;    /* the file ends where a delimiter should be */
};

enum input_state { INPUT_RECORD, INPUT_WAIT, INPUT_END };

struct input;

/* The names are kept; none: stdin, which is also "-". Looks at each: -1 (66) when one cannot be
 * read. */
int input_open(struct input **opened, const char *const *names, size_t n, struct input_cut cut,
               struct error *error);
void input_close(struct input *input);

/* An enum input_state, or -1 (66). After INPUT_WAIT: again when input_descriptor is readable. */
int input_next(struct input *input, struct record *record, struct error *error);
int input_descriptor(const struct input *input);

/* From here on nothing is waited for: whole records that were read already still come, and the rest
 * of regular files. */
void input_stop(struct input *input);

/* The bytes of all files, 0 when one of them has no size (a pipe), and those that were given. */
uint64_t input_size(const struct input *input);
uint64_t input_given(const struct input *input);

/* Where record `number` stands: "orders.txt:17", or the file's name where that is all of it. */
const char *input_place(const struct input *input, uint64_t number, char place[INPUT_PLACE_MAX]);

CLEANUP_DEFINE(struct input *, cleanup_input, input_close)

#endif
