/* archive: letters in a file, as records of dead_letter.proto or as JSON lines. The reader detects
 * a file that is cut off or damaged anywhere, and reads the whole letters before the damage. A file
 * may hold several archives of either form (`cat a b`). */
#ifndef NATSQ_ARCHIVE_H
#define NATSQ_ARCHIVE_H

#include "queue/job.h"

#include <stdbool.h>
#include <stdio.h>

struct archive_writer {
    FILE *file; /* borrowed */
    bool jsonl;
    uint64_t n;
};

/* A begin, a write for each letter, an end. -1 (74): the file cannot be written. `body` is the
 * letter or, by reference, the original. */
int archive_begin(struct archive_writer *writer, FILE *file, bool jsonl, struct error *error);
int archive_write(struct archive_writer *writer, const struct job *letter, const struct job *body,
                  struct error *error);
int archive_end(struct archive_writer *writer, struct error *error);

struct archive_reader {
    FILE *file; /* borrowed */
    const char *name;
    bool jsonl;      /* the form of the current archive */
    bool ended;      /* its end was read; JSON lines that a user picked out have none */
    uint64_t n;      /* letters read from the current archive */
    uint64_t before; /* letters read from those before it */
    uint64_t lines;  /* lines of JSON read from the file */
    char *bytes;     /* the last record */
    size_t room;
};

/* -1 (65): the file is not an archive. `name` is for errors. */
int archive_open(struct archive_reader *reader, FILE *file, const char *name, struct error *error);
void archive_close(struct archive_reader *reader);

/* 0: a letter, for job_clear. 1: the end. -1 (65): cut off or damaged here. */
int archive_read(struct archive_reader *reader, struct job *letter, struct error *error);

#endif
