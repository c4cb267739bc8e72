#include "tables/table_layout.h"

static const size_t shortest = 4; /* what is cut further shows nothing */

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The columns of the terminal that the table takes. */
static size_t width_of(const struct table_column *columns, size_t n)
{
    size_t width = 0;
    for (size_t i = 0; i < n; i++)
        if (columns[i].width)
            width += columns[i].width + (width ? TABLE_GAP : 0);
    return width;
}

static struct table_column *next_to_drop(struct table_column *columns, size_t n)
{
    struct table_column *next = NULL;
    for (size_t i = 0; i < n; i++)
        if (columns[i].width && columns[i].drop > (next ? next->drop : 0))
            next = &columns[i];
    return next;
}

static struct table_column *widest_to_cut(struct table_column *columns, size_t n)
{
    struct table_column *widest = NULL;
    for (size_t i = 0; i < n; i++)
        if (columns[i].width > columns[i].least && (!widest || columns[i].width > widest->width))
            widest = &columns[i];
    return widest;
}

static void narrow(struct table_column *columns, size_t n, size_t screen)
{
    struct table_column *column;
    while (width_of(columns, n) > screen && (column = next_to_drop(columns, n)))
        column->width = 0;
    while (width_of(columns, n) > screen && (column = widest_to_cut(columns, n))) {
        column->width--;
        if (column->least == 0 && column->width < shortest)
            column->width = 0;
    }
}

static void widen(struct table_column *columns, size_t n, size_t screen)
{
    struct table_column *last = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t used = width_of(columns, n), room = screen > used ? screen - used : 0;
        if (!columns[i].width)
            continue;
        last = &columns[i];
        last->width += least_of(room, last->natural - last->width);
    }
    size_t used = width_of(columns, n);
    if (last && used < screen && last->least < last->natural)
        last->width += screen - used;
}

void table_layout(struct table_column *columns, size_t n, size_t screen)
{
    for (size_t i = 0; i < n; i++)
        columns[i].width = least_of(columns[i].natural, columns[i].enough);
    narrow(columns, n, screen);
    widen(columns, n, screen);
}
