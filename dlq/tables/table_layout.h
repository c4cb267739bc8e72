/* table_layout: which columns of a table a terminal has room for, and how wide they are. Pure. */
#ifndef NATSQ_TABLE_LAYOUT_H
#define NATSQ_TABLE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_GAP = 1 }; /* columns of the terminal between two of the table */

struct table_column {
    /* Given: */
    size_t natural; /* the width that shows everything that is known so far */
    size_t enough;  /* another column is left out before this one gets narrower than that */
    size_t least;   /* it is not cut below that; its natural width: it is not cut at all */
    int drop;       /* the column with the highest number is left out first; 0: never */
    /* The result: 0 where it is left out. */
    size_t width;
};

/* Leaves out columns until the others have enough room, then widens those that are cut, the first
 * one first, and the last column to the edge. If there is not even enough room for the columns that
 * stay, the widest are cut further, and one whose least width is 0 vanishes at the end. */
void table_layout(struct table_column *columns, size_t n, size_t screen);

#endif
