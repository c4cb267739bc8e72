/* record_reader: splits the bytes of the FILEs, one after the other, into records.
 *
 * Its memory is bounded by the longest record, and that by RECORD_MAX. It reads a pipe only when
 * there is data, so that the caller can attend to jobs in flight meanwhile. */
#ifndef NATSQ_RECORD_READER_H
#define NATSQ_RECORD_READER_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* No server accepts a message larger than RECORD_MAX. With RECORD_WHOLE_FILE as the delimiter each
 * file is one record, an empty file too. */
enum { RECORD_MAX = 64 << 20, RECORD_LOCATION_MAX = 400, RECORD_WHOLE_FILE = -1 };

struct record_format {
    int delimiter;   /* a byte, or RECORD_WHOLE_FILE */
    bool skip_empty; /* records; they are still numbered */
};

struct record {
    const char *bytes; /* until the next call */
    size_t length;
    uint64_t number; /* from 0, over all files */
    bool oversize;   /* longer than RECORD_MAX: skipped */
    bool partial;    /* the file ends where a delimiter should be */
};

enum record_state { RECORD_READY, RECORD_WAIT, RECORD_END };

struct record_reader;

/* Keeps `names`. Without any it reads stdin, which "-" stands for too. Checks each: -1 (66) when
 * one cannot be read. */
int record_reader_open(struct record_reader **opened, const char *const *names, size_t n,
                       struct record_format format, struct error *error);
void record_reader_close(struct record_reader *reader);

/* Returns an enum record_state, or -1 (66). After RECORD_WAIT call again when
 * record_reader_descriptor is readable. */
int record_reader_next(struct record_reader *reader, struct record *record, struct error *error);
int record_reader_descriptor(const struct record_reader *reader);

/* From here on waits for nothing: whole records in the buffer are still returned, and the rest of
 * regular files. */
void record_reader_stop(struct record_reader *reader);

/* The bytes of all files (0 when one of them has no size, as a pipe), and those returned. */
uint64_t record_reader_size(const struct record_reader *reader);
uint64_t record_reader_consumed(const struct record_reader *reader);

/* Where record `number` is: "orders.txt:17", or the file's name where the file is the record. */
const char *record_reader_location(const struct record_reader *reader, uint64_t number,
                                   char text[RECORD_LOCATION_MAX]);

CLEANUP_DEFINE(struct record_reader *, cleanup_record_reader, record_reader_close)

#endif
