#include "watch/watch_view.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/text_width.h"
#include "base/timestamp.h"

#include <inttypes.h>
#include <string.h>

enum {
    NAME_LEAST = 8,
    NOTE_COLUMNS = 14,  /* of a durable */
    WIDE_COLUMNS = 70,  /* from here on, all columns of the table of durables are shown */
    PEAK_COLUMNS = 16,  /* after a sparkline */
    ROOMY_COLUMNS = 80, /* from here on, it has its peak beside it */
    RATE_COLUMNS = 22,  /* before a sparkline */
    BELOW_DURABLES = 6, /* lines: three rates, letters, room */
    ERRORS_MOST = 20,
    ALMOST_FULL = 90, /* percent */
};

/* ---- The head */

/* What leaves the view is shown even where there is no room for the rest. */
static void add_title(const struct watch_view *view, const struct watch *watch,
                      struct view_lines *lines)
{
    enum { TIME_OF_DAY = 11 }; /* in 2026-11-24T23:10:56Z */
    char when[TIMESTAMP_TEXT_MAX], every[DURATION_TEXT_MAX], left[VIEW_LINE_MAX / 2], right[128];
    snprintf(left, sizeof left, "%s (dead letters: %s)", view->origin, view->stream);
    snprintf(right, sizeof right, "%s  every %s  q: quit",
             timestamp_format(watch->look.time, 0, when) + TIME_OF_DAY,
             duration_format(watch->every, every));
    size_t used = text_width(left);
    const char *shown = used + strlen(right) < lines->columns ? right : strstr(right, "q: quit");
    used += strlen(shown);
    if (used < lines->columns)
        view_lines_add(lines, TONE_HEAD, "%s%*s%s", left, (int)(lines->columns - used), "", shown);
    else
        view_lines_add(lines, TONE_HEAD, "%s", left);
}

static void add_trouble(const struct watch_view *view, const struct watch *watch,
                        struct view_lines *lines)
{
    char silent[DURATION_TEXT_MAX], why[TEXT_MAX];
    bool says_more = strcmp(watch->trouble, QUEUE_LOOK_NO_ANSWER) != 0;
    if (*watch->trouble)
        view_lines_add(lines, TONE_ALARM, "no answer for %s%s%s",
                       duration_age_text(view->silence, silent), says_more ? ": " : "",
                       says_more ? text_escape(watch->trouble, strlen(watch->trouble), why) : "");
}

/* ---- The durables */

/* A durable that was active so recently has a worker. */
static const int64_t just_now = 10 * DURATION_S;

static const char *age_of(int64_t time, int64_t now, char text[DURATION_TEXT_MAX])
{
    if (time < 0)
        return "?";
    return time == 0 ? "-" : duration_age_text(now - time, text);
}

/* A worker with a low --rate asks for jobs only now and then. */
static bool is_active(const struct durable_state *state)
{
    int64_t quiet = durable_quiet_for(state);
    return state->waiting > 0 || (quiet >= 0 && quiet < just_now);
}

/* The server does not tell whether its workers are gone or busy with long jobs. */
static const char *note_on(const struct durable_look *durable, int64_t now)
{
    const struct durable_state *state = &durable->state;
    if (state->created == 0)
        return "no answer";
    if (state->paused_until > now)
        return "paused";
    if (is_active(state) || state->pending == 0)
        return "";
    return state->ack_pending > 0 ? "busy or gone" : "no worker";
}

static size_t name_columns(const struct queue_look *look, size_t columns)
{
    size_t longest = NAME_LEAST, rest = columns >= WIDE_COLUMNS ? 44 : 34;
    size_t most =
        columns > rest + NOTE_COLUMNS + NAME_LEAST ? columns - rest - NOTE_COLUMNS : NAME_LEAST;
    for (size_t i = 0; i < look->n_durables; i++)
        if (strlen(look->durables[i].name) > longest)
            longest = strlen(look->durables[i].name);
    return longest < most ? longest : most;
}

static void add_durable(const struct queue_look *look, const struct durable_look *durable,
                        int name_width, struct view_lines *lines)
{
    const struct durable_state *state = &durable->state;
    char oldest[DURATION_TEXT_MAX], again[32] = "";
    const char *note = note_on(durable, look->time);
    if (lines->columns >= WIDE_COLUMNS)
        snprintf(again, sizeof again, " %9" PRIu64, state->redelivered);
    view_lines_add(lines, *note ? TONE_WARNING : TONE_PLAIN,
                   "%-*.*s %9" PRIu64 " %9" PRIu64 "%s %7s %5" PRIu64 " %s", name_width, name_width,
                   durable->name, state->pending, state->ack_pending, again,
                   age_of(durable->oldest, look->time, oldest), state->waiting, note);
}

static void add_no_durables(const struct queue_look *look, struct view_lines *lines)
{
    char oldest[DURATION_TEXT_MAX];
    if (!look->knows_durables)
        view_lines_add(lines, TONE_WARNING, "consumers: not known (they may not be looked up)");
    else
        view_lines_add(lines, look->origin.messages ? TONE_WARNING : TONE_PLAIN,
                       "no consumer: %" PRIu64 " job%s pending, the oldest %s",
                       look->origin.messages, look->origin.messages == 1 ? "" : "s",
                       age_of(look->origin.oldest, look->time, oldest));
}

/* A line says how many durables are left out. */
static void add_durables(const struct queue_look *look, struct view_lines *lines)
{
    int width = (int)name_columns(look, lines->columns);
    size_t left = view_lines_left(lines), shown = look->n_durables;
    size_t most = left > BELOW_DURABLES + 1 ? left - BELOW_DURABLES - 1 : 1;
    if (shown > most)
        shown = most > 1 ? most - 1 : 1;
    if (look->n_durables == 0) {
        add_no_durables(look, lines);
        return;
    }
    view_lines_add(lines, TONE_HEAD, "%-*s %9s %9s%s %7s %5s", width, "CONSUMER", "PENDING",
                   "IN FLIGHT", lines->columns >= WIDE_COLUMNS ? " REDELIV." : "", "OLDEST",
                   "PULLS");
    for (size_t i = 0; i < shown; i++)
        add_durable(look, &look->durables[i], width, lines);
    if (shown < look->n_durables)
        view_lines_add(lines, TONE_PLAIN, "and %zu more consumers", look->n_durables - shown);
}

/* ---- The pace */

static const char *rate_text(double rate, char text[32])
{
    if (rate < 0)
        return "-";
    snprintf(text, 32, rate < 100 ? "%.1f/s" : "%.0f/s", rate);
    return text;
}

static void add_rate(const char *what, double rate, const struct sparkline *history, enum tone tone,
                     const struct watch_view *view, struct view_lines *lines)
{
    char now[32], peak[32], bars[SPARKLINE_TEXT_MAX];
    bool has_peak = lines->columns >= ROOMY_COLUMNS;
    size_t taken = (size_t)RATE_COLUMNS + (has_peak ? PEAK_COLUMNS : 0);
    size_t n = lines->columns > taken ? lines->columns - taken : 0;
    sparkline_text(history, n, view->utf8, bars);
    if (has_peak)
        view_lines_add(lines, tone, "%-9s %9s  %s  peak %s", what, rate_text(rate, now), bars,
                       rate_text(sparkline_peak(history, n), peak));
    else
        view_lines_add(lines, tone, "%-9s %9s  %s", what, rate_text(rate, now), bars);
}

static void add_pace(const struct watch_view *view, const struct watch *watch,
                     struct view_lines *lines)
{
    struct queue_pace pace = watch->pace;
    if (!pace.is_known)
        pace.published = pace.done = pace.dead = -1;
    add_rate("published", pace.published, &watch->published, TONE_PLAIN, view, lines);
    add_rate("done", pace.done, &watch->done, TONE_PLAIN, view, lines);
    add_rate("dead", pace.dead, &watch->dead, pace.dead > 0 ? TONE_ALARM : TONE_PLAIN, view, lines);
}

/* ---- Letters and room */

/* What is noted about `dlq run` while letters or advisories wait for it. */
static const char *note_on_run(const struct watch *watch)
{
    const struct queue_look *look = &watch->look;
    uint64_t in_flight = look->collects.ack_pending + look->decides.ack_pending;
    if (look->stored[DLQ_DEAD].n + watch->census.announced == 0 || is_active(&look->collects) ||
        is_active(&look->decides))
        return "";
    return in_flight > 0 ? ", dlq run is busy or gone" : ", no dlq run";
}

static void add_letters(const struct watch *watch, struct view_lines *lines)
{
    const struct queue_look *look = &watch->look;
    char counts[160], age[DURATION_TEXT_MAX], oldest[64] = "";
    int64_t time = watch_oldest_letter(watch);
    const char *note = note_on_run(watch);
    if (!look->stored[DLQ_DEAD].is_known) {
        view_lines_add(lines, TONE_WARNING, "letters   not known: they could not be counted");
        return;
    }
    snprintf(counts, sizeof counts,
             "letters   %s%" PRIu64 " announced, %" PRIu64 " waiting, %" PRIu64 " held",
             watch->census.is_judged ? "" : "up to ", watch->census.announced,
             look->stored[DLQ_DEAD].n, look->stored[DLQ_HELD].n);
    if (time > 0)
        snprintf(oldest, sizeof oldest, ", the oldest %s",
                 duration_age_text(look->time - time, age));
    view_lines_add_pieces(lines, *note ? TONE_WARNING : TONE_PLAIN,
                          (const char *[]){counts, note, oldest, NULL});
}

static bool is_almost_full(const struct stream_room *room)
{
    return (room->max_bytes > 0 &&
            (double)room->bytes * 100 > (double)room->max_bytes * ALMOST_FULL) ||
           (room->max_messages > 0 &&
            (double)room->messages * 100 > (double)room->max_messages * ALMOST_FULL);
}

static void add_room(const char *what, const char *stream, int width,
                     const struct stream_room *room, struct view_lines *lines)
{
    char name[160], text[STREAM_ROOM_TEXT_MAX], bytes[STREAM_ROOM_TEXT_MAX];
    stream_room_text(room, text);
    size_t length = strcspn(text, ",");
    snprintf(name, sizeof name, "%-9s %-*.120s  ", what, width < 120 ? width : 120, stream);
    snprintf(bytes, sizeof bytes, "%.*s", (int)length, text);
    view_lines_add_pieces(lines, is_almost_full(room) ? TONE_ALARM : TONE_PLAIN,
                          (const char *[]){name, bytes, text + length, NULL});
}

static void add_rooms(const struct watch_view *view, const struct watch *watch,
                      struct view_lines *lines)
{
    size_t one = strlen(view->origin), other = strlen(view->stream);
    int width = (int)(one > other ? one : other);
    add_room("room", view->origin, width, &watch->look.origin, lines);
    add_room("", view->stream, width, &watch->look.letters, lines);
}

static void add_errors(const struct watch *watch, struct view_lines *lines)
{
    const struct letter_tally *tally = letter_census_tally(&watch->census);
    const struct queue_look *look = &watch->look;
    uint64_t letters = look->stored[DLQ_DEAD].n + look->stored[DLQ_HELD].n;
    struct letter_group top[ERRORS_MOST];
    char shown[TEXT_MAX], of[64] = "";
    if (tally->read == 0 || view_lines_left(lines) < 2)
        return;
    if (!watch->census.whole.groups)
        snprintf(of, sizeof of, " (%" PRIu64 " of %" PRIu64 " letters read so far)", tally->read,
                 letters);
    view_lines_add(lines, TONE_HEAD, "%9s  ERROR OR REASON%s", "LETTERS", of);
    size_t n = letter_groups_top(tally->groups, top, ERRORS_MOST);
    for (size_t i = 0; i < n; i++)
        view_lines_add(lines, TONE_PLAIN, "%9" PRIu64 "  %s", top[i].n,
                       text_escape(top[i].name, strlen(top[i].name), shown));
}

/* ---- The whole */

/* A job in backoff counts as in flight: the server does not tell the two apart. */
static const char *const legend[] = {"IN FLIGHT: running, or in backoff before the next attempt.",
                                     "  PULLS: requests of idle workers.", NULL};

void watch_view_lay_out(const struct watch_view *view, const struct watch *watch,
                        struct view_lines *lines)
{
    enum { ROOMY = 12 }; /* lines below, so that there may be gaps */
    lines->n = 0;
    add_title(view, watch, lines);
    add_trouble(view, watch, lines);
    if (watch->look.at == 0)
        return;
    view_lines_gap(lines, ROOMY + watch->look.n_durables);
    add_durables(&watch->look, lines);
    view_lines_gap(lines, ROOMY);
    add_pace(view, watch, lines);
    view_lines_gap(lines, ROOMY - 3);
    add_letters(watch, lines);
    add_rooms(view, watch, lines);
    view_lines_gap(lines, 5);
    if (view_lines_left(lines) > 6)
        view_lines_add_pieces(lines, TONE_PLAIN, legend);
    view_lines_gap(lines, 5);
    add_errors(watch, lines);
}
