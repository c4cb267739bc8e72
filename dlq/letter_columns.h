/* letter_columns: the columns that `list` can print, by the names that --columns takes. Pure. */
#ifndef NATSQ_LETTER_COLUMNS_H
#define NATSQ_LETTER_COLUMNS_H

#include "base/error.h"

#include <stddef.h>

enum letter_column {
    COLUMN_SEQ,
    COLUMN_STATE,
    COLUMN_AGE,  /* how long ago the job died */
    COLUMN_DIED, /* when it died, in UTC */
    COLUMN_STORED,
    COLUMN_SUBJECT,
    COLUMN_CONSUMER,
    COLUMN_TRIES,
    COLUMN_RETRIES,
    COLUMN_REASON,
    COLUMN_ERROR,
    COLUMN_HOST,
    COLUMN_JOB_ID,
    COLUMN_SIZE,
    COLUMN_BODY,
    LETTER_COLUMNS,
};

/* In the order in which they are printed. */
struct letter_columns {
    enum letter_column column[LETTER_COLUMNS];
    size_t n;
};

/* The columns that are printed unless some are chosen. */
struct letter_columns letter_columns_default(void);

/* Reads a list such as `seq,age,error`. -1 (64): a name is unknown or there twice. */
int letter_columns_parse(const char *list, struct letter_columns *columns, struct error *error);

#endif
