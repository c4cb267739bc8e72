#include "tables/letter_table.h"

#include "base/stop.h"
#include "base/terminal.h"
#include "base/text_width.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "letters/letter_counts.h"
#include "tables/letter_cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEPT_MOST = 64, /* about a screenful: enough to see how wide the columns are */
    KEPT_BYTES = 4 << 20,
};

struct letter_table {
    struct letter_columns columns;
    struct table_column layout[LETTER_COLUMNS];
    bool fits, has_colour; /* the terminal */
    bool has_head;         /* it was printed, and the layout is known */
    size_t screen;
    int64_t now;
    struct letter_entry kept[KEPT_MOST];
    size_t n, bytes;
    struct letter_counts counts;
};

/* `--utc` shows the time of a death in place of its age. */
static void use_utc(struct letter_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++)
        if (columns->column[i] == COLUMN_AGE)
            columns->column[i] = COLUMN_DIED;
}

int letter_table_open(struct letter_table **opened, const struct dlq *dlq, struct error *error)
{
    const struct dlq_options *options = dlq->options;
    _cleanup_(cleanup_letter_table) struct letter_table *table = calloc(1, sizeof *table);
    if (!table)
        return error_set(error, EX_OSERR, "out of memory");
    table->columns = letter_columns_default();
    if (options->columns && letter_columns_parse(options->columns, &table->columns, error) < 0)
        return -1;
    if (options->utc)
        use_utc(&table->columns);
    for (size_t i = 0; i < table->columns.n; i++) {
        table->layout[i] = letter_cell_layout(table->columns.column[i]);
        if (options->columns) /* what was asked for is not left out */
            table->layout[i].drop = 0;
    }
    table->fits = isatty(STDOUT_FILENO);
    table->has_colour = terminal_has_colour(STDOUT_FILENO);
    table->screen = terminal_size(STDOUT_FILENO).columns;
    table->now = timestamp_now();
    *opened = take(table);
    return 0;
}

void letter_table_close(struct letter_table *table)
{
    if (!table)
        return;
    letter_entries_clear(table->kept, table->n);
    free(table);
}

static void measure(struct letter_table *table, const struct letter_entry *entry)
{
    char text[LETTER_CELL_MAX];
    for (size_t i = 0; i < table->columns.n; i++) {
        struct table_column *column = &table->layout[i];
        size_t width =
            text_width(letter_cell_text(table->columns.column[i], entry, table->now, text));
        if (width > column->natural)
            column->natural = width;
    }
}

/* A column that is never cut has its natural width as the least. */
static void lay_out(struct letter_table *table)
{
    for (size_t i = 0; i < table->columns.n; i++) {
        struct table_column *column = &table->layout[i];
        if (!table->fits)
            column->width = letter_cell_width(table->columns.column[i]);
        if (column->least > column->natural)
            column->least = column->natural;
    }
    if (table->fits)
        table_layout(table->layout, table->columns.n, table->screen);
}

static void put_spaces(size_t n)
{
    for (; n > 0; n--)
        putchar(' ');
}

/* A text that does not fit ends in an ellipsis. Returns its width. */
static size_t put_text(const char *text, size_t room)
{
    size_t width = text_width(text);
    if (width <= room) {
        fputs(text, stdout);
        return width;
    }
    size_t length = text_fit(text, room - 1);
    printf("%.*s…", (int)length, text);
    return room;
}

/* `used`: columns of the terminal to the left. Returns how many there are after it. */
static size_t put_cell(const struct letter_table *table, size_t i, size_t used, const char *text,
                       const char *colour)
{
    const struct table_column *column = &table->layout[i];
    bool is_last = i + 1 == table->columns.n, is_cut = column->least < column->natural;
    size_t width = column->width, room = table->fits ? table->screen - used : SIZE_MAX;
    if (is_cut && table->fits && width < room)
        room = width;
    size_t shown = text_width(text) < room ? text_width(text) : room;
    if (letter_cell_is_number(table->columns.column[i]) && shown < width)
        put_spaces(width - shown);
    if (colour)
        printf("\x1b[%sm", colour);
    put_text(text, room);
    if (colour)
        fputs("\x1b[m", stdout);
    if (!letter_cell_is_number(table->columns.column[i]) && shown < width && !is_last)
        put_spaces(width - shown);
    return used + (shown > width ? shown : width);
}

/* The head is printed for no entry. */
static void print_row(const struct letter_table *table, const struct letter_entry *entry)
{
    char text[LETTER_CELL_MAX];
    size_t used = 0;
    for (size_t i = 0; i < table->columns.n; i++) {
        enum letter_column column = table->columns.column[i];
        bool has_room = !table->fits || used + (used > 0) < table->screen;
        if (table->layout[i].width == 0 || !has_room)
            continue;
        if (used > 0)
            putchar(' ');
        const char *shown =
            entry ? letter_cell_text(column, entry, table->now, text) : letter_cell_head(column);
        bool has_colour = table->has_colour && entry && column == COLUMN_REASON;
        used = put_cell(table, i, used + (used > 0), shown,
                        has_colour ? letter_reason_colour(entry->letter.reason) : NULL);
    }
    putchar('\n');
}

void letter_table_flush(struct letter_table *table)
{
    if (!table->has_head) {
        lay_out(table);
        print_row(table, NULL);
    }
    table->has_head = true;
    for (size_t i = 0; i < table->n; i++)
        print_row(table, &table->kept[i]);
    letter_entries_clear(table->kept, table->n);
    table->n = 0;
}

bool letter_table_keeps_back(const struct letter_table *table)
{
    return table->n > 0;
}

void letter_table_add(struct letter_table *table, struct letter_entry *entry)
{
    size_t length;
    letter_counts_add(&table->counts, entry);
    if (!table->has_head)
        measure(table, entry);
    job_body(&entry->message, &length);
    table->bytes += length;
    table->kept[table->n++] = *entry;
    *entry = (struct letter_entry){0};
    if (!table->fits || table->has_head || table->n == KEPT_MOST || table->bytes > KEPT_BYTES)
        letter_table_flush(table);
}

/* "12 letters: 3 waiting, 9 held" */
static void print_total(const struct letter_counts *counts)
{
    char text[LETTER_COUNTS_TEXT_MAX];
    uint64_t total = letter_counts_total(counts);
    if (total == 0)
        puts("no letters");
    else
        printf("%" PRIu64 " letter%s: %s\n", total, total == 1 ? "" : "s",
               letter_counts_text(counts, READ_ALL, text));
}

void letter_table_end(struct letter_table *table)
{
    if (!table->fits || letter_counts_total(&table->counts) > 0)
        letter_table_flush(table);
    if (table->fits && !stop_requested())
        print_total(&table->counts);
}
