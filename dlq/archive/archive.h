/* archive: letters in a file, as dead_letter.proto says, or as JSON lines. A file that is cut off
 * or damaged anywhere is told from a whole one, and what is whole in it can be read. Several in one
 * file (`cat a b`), of either form, are read one after the other. */
#ifndef NATSQ_ARCHIVE_H
#define NATSQ_ARCHIVE_H

#include "queue/job.h"

#include <stdbool.h>
#include <stdio.h>

struct archive_writer {
    FILE *file; /* the caller's */
    bool jsonl;
    uint64_t n;
};

int archive_begin(struct archive_writer *writer, FILE *file, bool jsonl, struct error *error);
int archive_write(struct archive_writer *writer, const struct job *letter, const struct job *body,
                  struct error *error);
int archive_end(struct archive_writer *writer, struct error *error);

struct archive_reader {
    FILE *file; /* the caller's */
    const char *name;
    bool jsonl;      /* the form of the one that is read */
    bool ended;      /* with its own end, which JSON lines lack when somebody picked some of them */
    uint64_t n;      /* letters read from this archive */
    uint64_t before; /* from those before it in the file */
    uint64_t lines;  /* of JSON, in the file */
    char *bytes;     /* of the last record */
    size_t room;
};

/* -1 (65): it is no archive. `name` is for errors. */
int archive_open(struct archive_reader *reader, FILE *file, const char *name, struct error *error);
void archive_close(struct archive_reader *reader);

/* 0: a letter, for job_clear. 1: the end. -1 (65): cut off or damaged here; what came is whole. */
int archive_read(struct archive_reader *reader, struct job *letter, struct error *error);

#endif
