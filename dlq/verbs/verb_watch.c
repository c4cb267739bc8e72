#include "verbs/verbs.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "base/terminal.h"
#include "base/timestamp.h"
#include "dlq.h"
#include "tables/listing.h"
#include "watch/screen.h"
#include "watch/watch_record.h"
#include "watch/watch_view.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How soon a resized window is drawn again, and a reader that is gone is noticed. */
static const int64_t glance = 200 * DURATION_MS;

struct view {
    struct watch_view what;
    struct view_lines *lines; /* NULL: stdout is no terminal, and gets a line each time */
    struct buffer bytes;
    bool colour;
};

static void draw(struct view *view, const struct watch *watch)
{
    struct terminal_size size = terminal_size(STDOUT_FILENO);
    view->lines->columns = size.columns;
    view->lines->most = size.lines;
    view->what.silence = watch_silence(watch);
    watch_view_lay_out(&view->what, watch, view->lines);
    buffer_reset(&view->bytes);
    view_lines_draw(view->lines, view->colour, &view->bytes);
    if (!view->bytes.failed && !screen_draw(view->bytes.bytes, view->bytes.length))
        stop_request(); /* the terminal is gone */
}

static int print(const struct watch *watch, bool json, struct error *error)
{
    int64_t now = timestamp_now();
    char text[WATCH_RECORD_MAX];
    if (json)
        listing_print_json(watch_record_json(watch, now, watch_silence(watch)));
    else
        puts(watch_record_text(watch, now, watch_silence(watch), text));
    return listing_end(error);
}

static int show(struct view *view, const struct watch *watch, struct error *error)
{
    if (!view->lines)
        return print(watch, watch->dlq->options->json, error);
    draw(view, watch);
    return 0;
}

/* Whether what is on the terminal is no longer right, although there was no look. */
static bool is_to_redraw(const struct view *view, const struct watch *watch)
{
    struct terminal_size size = terminal_size(STDOUT_FILENO);
    return watch_silence(watch) / DURATION_S != view->what.silence / DURATION_S ||
           size.columns != view->lines->columns || size.lines != view->lines->most;
}

static void wait_until(int64_t end, struct view *view, const struct watch *watch)
{
    int64_t left;
    while ((left = end - clock_now()) > 0 && !stop_wait(left < glance ? left : glance)) {
        if (view->lines && is_to_redraw(view, watch))
            draw(view, watch);
        else if (!view->lines && listing_has_no_reader())
            stop_request();
    }
}

static int run(struct watch *watch, struct view *view, struct error *error)
{
    while (!stop_requested()) {
        int64_t begin = clock_now();
        if (watch_take(watch, error) < 0)
            return -1;
        if (stop_requested())
            break;
        if (show(view, watch, error) < 0)
            return -1;
        if (!view->lines && listing_has_no_reader())
            break;
        wait_until(begin + watch->every, view, watch);
    }
    return 0;
}

static int view_open(struct view *view, const struct dlq_options *options, struct error *error)
{
    *view = (struct view){
        .what = {.origin = options->origin, .stream = options->stream, .utf8 = terminal_is_utf8()},
        .colour = terminal_has_colour(STDOUT_FILENO),
    };
    if (options->json || !terminal_can_draw(STDOUT_FILENO))
        return 0;
    view->lines = calloc(1, sizeof *view->lines);
    return view->lines ? screen_open(error) : error_set(error, EX_OSERR, "out of memory");
}

static void view_close(struct view *view)
{
    if (view->lines)
        screen_close();
    free(view->lines);
    buffer_release(&view->bytes);
}

int verb_watch(struct dlq *dlq, struct error *error)
{
    _cleanup_(watch_end) struct watch watch;
    _cleanup_(view_close) struct view view;
    watch_begin(&watch, dlq, dlq->options->every);
    int result = view_open(&view, dlq->options, error);
    return result == 0 ? run(&watch, &view, error) : result;
}
