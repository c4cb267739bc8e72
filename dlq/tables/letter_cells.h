/* letter_cells: what a table shows of a letter in each column. Pure. */
#ifndef NATSQ_LETTER_CELLS_H
#define NATSQ_LETTER_CELLS_H

#include "letter_columns.h"
#include "letters/letter_entry.h"
#include "tables/table_layout.h"

/* Of the longest text that is shown whole, the error of a handler, with every byte escaped. */
enum { LETTER_CELL_MAX = 4 * 1024 + 8 };

/* "SEQ" */
const char *letter_cell_head(enum letter_column column);

/* The text, safe on a terminal. `now`: ns since 1970. Returns `text`. */
const char *letter_cell_text(enum letter_column column, const struct letter_entry *entry,
                             int64_t now, char text[LETTER_CELL_MAX]);

/* Whether it is a number, which is printed at the right edge. */
bool letter_cell_is_number(enum letter_column column);

/* The width in a table that is not fitted to a terminal, where longer texts are not cut. */
size_t letter_cell_width(enum letter_column column);

/* For table_layout; `natural` is the width of the head. */
struct table_column letter_cell_layout(enum letter_column column);

/* The colour of a reason, as the parameter of SGR ("31"); NULL: none. */
const char *letter_reason_colour(const char *reason);

#endif
