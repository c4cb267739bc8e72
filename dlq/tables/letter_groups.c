#include "tables/letter_groups.h"

#include "base/terminal.h"
#include "base/text.h"
#include "base/text_width.h"
#include "tables/listing.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_int_t count(const json_t *group, const char *what)
{
    return json_integer_value(json_object_get(group, what));
}

static json_t *find_group(json_t *groups, const char *name, const struct letter_entry *entry,
                          const char *example)
{
    json_t *group = json_object_get(groups, name);
    if (!group && json_object_size(groups) >= GROUPS_MOST)
        group = json_object_get(groups, name = "(all others)");
    if (group)
        return group;
    group = json_pack("{s:i, s:i, s:i, s:I, s:o*}", "announced", 0, "waiting", 0, "held", 0, "seq",
                      (json_int_t)entry->letter.seq, "example", listing_text_json(example));
    json_object_set_new(groups, name, group);
    return group;
}

void letter_groups_add(json_t *groups, const char *name, const struct letter_entry *entry,
                       const char *example)
{
    char shown[TEXT_MAX];
    if (!text_is_utf8(name, strlen(name)))
        name = text_escape(name, strlen(name), shown);
    json_t *number =
        json_object_get(find_group(groups, name, entry, example), letter_entry_state(entry));
    json_integer_set(number, json_integer_value(number) + 1);
}

struct group_row {
    const char *name;
    const json_t *group;
};

static json_int_t total(const json_t *group)
{
    return count(group, "announced") + count(group, "waiting") + count(group, "held");
}

static int compare(const void *a, const void *b)
{
    const struct group_row *one = a, *other = b;
    json_int_t more = total(other->group) - total(one->group);
    return more > 0 ? 1 : more < 0 ? -1 : strcmp(one->name, other->name);
}

/* The name of a group or an example of it, after `indent` columns; cut to `columns`. */
static void print_text(size_t indent, size_t columns, const char *text)
{
    char shown[TEXT_MAX];
    text_escape(text, strlen(text), shown);
    shown[text_fit(shown, columns > indent ? columns - indent : 0)] = '\0';
    puts(shown);
}

static void print_row(const struct group_row *row, size_t columns)
{
    enum { INDENT = 31 };
    const char *example = json_string_value(json_object_get(row->group, "example"));
    printf("%9lld %9lld %9lld  ", count(row->group, "announced"), count(row->group, "waiting"),
           count(row->group, "held"));
    print_text(INDENT, columns, row->name);
    if (!example || strcmp(example, row->name) == 0)
        return;
    int seq = printf("%9s  e.g. # %lld: ", "", count(row->group, "seq"));
    print_text((size_t)seq, columns, example);
}

/* Puts it in its place among the `n` largest. */
static size_t rank(struct letter_group *top, size_t n, size_t most, struct letter_group group)
{
    size_t place = n;
    while (place > 0 && top[place - 1].n < group.n)
        place--;
    if (place == most)
        return n;
    n += n < most;
    memmove(&top[place + 1], &top[place], (n - 1 - place) * sizeof *top);
    top[place] = group;
    return n;
}

size_t letter_groups_top(json_t *groups, struct letter_group *top, size_t most)
{
    const char *name;
    json_t *group;
    size_t n = 0;
    json_object_foreach(groups, name, group) n =
        rank(top, n, most, (struct letter_group){name, (uint64_t)total(group)});
    return n;
}

void letter_groups_print(json_t *groups, const char *title)
{
    size_t n = json_object_size(groups), k = 0;
    _cleanup_(cleanup_free) struct group_row *rows = calloc(n + 1, sizeof *rows);
    const char *name;
    json_t *group;
    size_t columns = isatty(STDOUT_FILENO) ? terminal_size(STDOUT_FILENO).columns : SIZE_MAX;
    if (!rows || n == 0)
        return;
    json_object_foreach(groups, name, group) rows[k++] = (struct group_row){name, group};
    qsort(rows, n, sizeof *rows, compare);
    printf("\n%9s %9s %9s  %s\n", "ANNOUNCED", "WAITING", "HELD", title);
    for (size_t i = 0; i < n && i < GROUPS_SHOWN; i++)
        print_row(&rows[i], columns);
    if (n > GROUPS_SHOWN)
        printf("%29s  and %zu more (--json shows them)\n", "", n - GROUPS_SHOWN);
}
