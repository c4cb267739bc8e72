#include "letter_columns.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const names[LETTER_COLUMNS] = {
    [COLUMN_SEQ] = "seq",           [COLUMN_STATE] = "state",   [COLUMN_AGE] = "age",
    [COLUMN_DIED] = "died",         [COLUMN_STORED] = "stored", [COLUMN_SUBJECT] = "subject",
    [COLUMN_CONSUMER] = "consumer", [COLUMN_TRIES] = "tries",   [COLUMN_RETRIES] = "retries",
    [COLUMN_REASON] = "reason",     [COLUMN_ERROR] = "error",   [COLUMN_HOST] = "host",
    [COLUMN_JOB_ID] = "job_id",     [COLUMN_SIZE] = "size",     [COLUMN_BODY] = "body",
};

struct letter_columns letter_columns_default(void)
{
    return (struct letter_columns){{COLUMN_SEQ, COLUMN_STATE, COLUMN_AGE, COLUMN_SUBJECT,
                                    COLUMN_TRIES, COLUMN_RETRIES, COLUMN_REASON, COLUMN_ERROR},
                                   8};
}

/* LETTER_COLUMNS: there is none of this name. */
static enum letter_column find(const char *name, size_t length)
{
    enum letter_column column = 0;
    while (column < LETTER_COLUMNS &&
           (strlen(names[column]) != length || strncmp(names[column], name, length) != 0))
        column++;
    return column;
}

static int unknown(const char *name, size_t length, struct error *error)
{
    char list[200];
    size_t used = 0;
    for (size_t i = 0; i < LETTER_COLUMNS; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    return error_set(error, EX_USAGE, "--columns: there is no column '%.*s'; there are %s",
                     (int)length, name, list);
}

static bool has(const struct letter_columns *columns, enum letter_column column)
{
    for (size_t i = 0; i < columns->n; i++)
        if (columns->column[i] == column)
            return true;
    return false;
}

int letter_columns_parse(const char *list, struct letter_columns *columns, struct error *error)
{
    *columns = (struct letter_columns){0};
    for (;; list++) {
        size_t length = strcspn(list, ",");
        enum letter_column column = find(list, length);
        if (column == LETTER_COLUMNS)
            return unknown(list, length, error);
        if (has(columns, column))
            return error_set(error, EX_USAGE, "--columns: %s is there twice", names[column]);
        columns->column[columns->n++] = column;
        list += length;
        if (!*list)
            return 0;
    }
}
