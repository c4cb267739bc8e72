/* archive_reading: an archive in memory, read in the tests of archives. */
#ifndef NATSQ_ARCHIVE_READING_H
#define NATSQ_ARCHIVE_READING_H

#include "archive/archive.h"

#include "nats_library.h"

/* Reads to the end or to the damage and returns how many letters were whole. `check` (NULL: none)
 * gets each with its number, from 0 on. */
static inline int archive_read_all(const char *bytes, size_t length,
                                   void (*check)(const struct job *job, int n), bool *ended,
                                   struct error *error)
{
    struct archive_reader reader = {0};
    char *copy = malloc(length + 1); /* so that a sanitizer sees a read beyond the end */
    memcpy(copy, bytes, length);
    FILE *file = length ? fmemopen(copy, length, "r") : fopen("/dev/null", "r");
    int n = 0, result = archive_open(&reader, file, "it", error);
    while (result == 0) {
        struct job job;
        result = archive_read(&reader, &job, error);
        if (result == 0 && check)
            check(&job, n);
        n += result == 0;
        job_clear(&job);
    }
    *ended = result == 1 && reader.ended;
    archive_close(&reader);
    fclose(file);
    free(copy);
    return n;
}

#endif
