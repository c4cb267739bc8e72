#include "watch/watch_view.h"

#include "watched_queue.h"

static struct watch watch;
static struct view_lines lines; /* large */
static struct watch_view view;

static int begin(__attribute__((unused)) void **state)
{
    watch = watched_queue();
    view = (struct watch_view){
        .origin = "orders_stream", .stream = "orders_unprocessed", .utf8 = true};
    return 0;
}

static int end(__attribute__((unused)) void **state)
{
    letter_census_clear(&watch.census);
    return 0;
}

AROUND_EACH(begin, end)

static const char *lay_out(size_t columns, size_t most)
{
    static char text[VIEW_LINES_MAX * VIEW_LINE_MAX];
    size_t used = 0;
    lines.columns = columns;
    lines.most = most;
    watch_view_lay_out(&view, &watch, &lines);
    for (size_t i = 0; i < lines.n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", lines.line[i].text);
    return text;
}

static void assert_shown(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in\n%s", part, text);
}

static void assert_not_shown(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("%s in\n%s", part, text);
}

TEST(a_terminal_of_100_columns)
{
    assert_string_equal(
        lay_out(100, 30),
        "orders_stream (dead letters: orders_unprocessed)                        14:13:20Z  every "
        "2s  q: quit\n"
        "\n"
        "CONSUMER    PENDING IN FLIGHT REDELIV.  OLDEST PULLS\n"
        "processor      1204        16         3   5m12s     4\n"
        "\n"
        "published    12.0/s  ███████  peak 12.0/s\n"
        "done          123/s  ▁▃▄▅▆▇█  peak 6.0/s\n"
        "dead          0.5/s  ▁▁▁▁▁▁█  peak 0.5/s\n"
        "\n"
        "letters   3 announced, 12 waiting, 240 held, the oldest 3d4h\n"
        "room      orders_stream       35 MiB of 256 MiB (13 %), 1220 messages\n"
        "          orders_unprocessed  1.2 KiB of 256 MiB (<1 %), 255 messages\n"
        "\n"
        "IN FLIGHT: running, or in backoff before the next attempt.  PULLS: requests of idle "
        "workers.\n"
        "\n"
        "  LETTERS  ERROR OR REASON\n"
        "      132  exit 1\n"
        "      120  connection refused\n");
}

TEST(a_terminal_of_60_columns_and_20_lines)
{
    view.utf8 = false;
    assert_string_equal(lay_out(60, 20),
                        "orders_stream (dead letters: orders_unprocessed)     q: quit\n"
                        "\n"
                        "CONSUMER    PENDING IN FLIGHT  OLDEST PULLS\n"
                        "processor      1204        16   5m12s     4\n"
                        "\n"
                        "published    12.0/s  @@@@@@@\n"
                        "done          123/s  _-=+*#@\n"
                        "dead          0.5/s  ______@\n"
                        "\n"
                        "letters   3 announced, 12 waiting, 240 held, the oldest 3d4h\n"
                        "room      orders_stream       35 MiB of 256 MiB (13 %)\n"
                        "          orders_unprocessed  1.2 KiB of 256 MiB (<1 %)\n"
                        "\n"
                        "IN FLIGHT: running, or in backoff before the next "
                        "attempt.\n"
                        "\n"
                        "  LETTERS  ERROR OR REASON\n"
                        "      132  exit 1\n"
                        "      120  connection refused\n");
}

TEST(what_matters_most_stays_on_a_small_terminal)
{
    const char *text = lay_out(60, 10);
    assert_int_equal(lines.n, 9); /* the errors need two */
    assert_shown(text, "processor");
    assert_shown(text, "dead ");
    assert_shown(text, "letters ");
    assert_shown(text, "orders_unprocessed  1.2 KiB");
    for (size_t most = 0; most < 30; most++)
        for (size_t columns = 1; columns < 210; columns += 9) {
            lay_out(columns, most);
            assert_true(lines.n <= most);
        }
}

TEST(each_durable_has_a_row_as_long_as_they_fit)
{
    watch.look.n_durables = WATCHED_DURABLES;
    assert_not_shown(lay_out(80, 40), "more consumers");
    assert_not_shown(lay_out(80, 20), "more consumers");
    const char *text = lay_out(80, 15);
    assert_shown(text, "and 6 more consumers");
    assert_shown(text, "orders_unprocessed  1.2 KiB");
    assert_int_equal(lines.n, 15);
}

TEST(a_durable_without_a_free_worker_is_noted)
{
    static const struct {
        struct durable_state state;
        const char *note;
    } rows[] = {
        {{.created = 1, .pending = 1, .waiting = 1}, ""},
        {{.created = 1, .ack_pending = 1}, ""},
        {{.created = 1, .pending = 1}, " no worker"},
        {{.created = 1, .pending = 1, .ack_pending = 1}, " busy or gone"},
        {{.created = 1, .pending = 1, .time = 60 * DURATION_S, .acked_at = 49 * DURATION_S},
         " no worker"},
        /* a low --rate */
        {{.created = 1, .pending = 1, .time = 60 * DURATION_S, .acked_at = 51 * DURATION_S}, ""},
        {{.created = 1, .pending = 1, .waiting = 1, .paused_until = NOW + 1}, " paused"},
        {{.created = 0}, " no answer"},
    };
    FOR_EACH (row, rows) {
        watch.look.durables[0].state = row->state;
        assert_shown(lay_out(60, 20), row->note);
        assert_int_equal(lines.line[3].tone, *row->note ? TONE_WARNING : TONE_PLAIN);
    }
}

TEST(no_consumer_and_consumers_that_may_not_be_read)
{
    watch.look.n_durables = 0;
    watch.look.origin.oldest = NOW - DURATION_HOUR;
    assert_shown(lay_out(60, 20), "no consumer: 1220 jobs pending, the oldest 1h\n");
    watch.look.knows_durables = false;
    assert_shown(lay_out(60, 20), "consumers: not known");
}

TEST(a_server_that_does_not_answer_is_shown_with_its_silence)
{
    snprintf(watch.trouble, sizeof watch.trouble, "%s", QUEUE_LOOK_NO_ANSWER);
    watch.pace.is_known = false;
    view.silence = 12 * DURATION_S;
    const char *text = lay_out(80, 24);
    assert_shown(text, "\nno answer for 12s\n");
    assert_int_equal(lines.line[1].tone, TONE_ALARM);
    assert_shown(text, "dead              -");
    snprintf(watch.trouble, sizeof watch.trouble, "not \x1b[31mconnected");
    assert_shown(lay_out(80, 24), "no answer for 12s: not \\x1b[31mconnected\n");
}

TEST(before_the_first_look_there_is_only_the_trouble)
{
    snprintf(watch.trouble, sizeof watch.trouble, "not connected");
    watch.look.at = 0;
    lay_out(80, 24);
    assert_int_equal(lines.n, 2);
}

TEST(letters_that_nobody_decides)
{
    watch.look.collects.waiting = watch.look.decides.waiting = 0;
    assert_shown(lay_out(100, 24), "240 held, no dlq run, the oldest 3d4h");
    watch.look.decides.ack_pending = 1;
    assert_shown(lay_out(100, 24), "240 held, dlq run is busy or gone, the oldest 3d4h");
    watch.look.decides.time = watch.look.decides.delivered_at = NOW;
    assert_not_shown(lay_out(100, 24), "dlq run");
    watch.look.decides.time = 0;
    watch.look.stored[DLQ_DEAD].n = watch.census.announced = 0;
    assert_not_shown(lay_out(100, 24), "dlq run");
}

TEST(letters_that_are_not_counted_exactly)
{
    watch.census.is_judged = false;
    assert_shown(lay_out(100, 24), "up to 3 announced");
    watch.census.recount = watch.census.whole;
    watch.census.whole = (struct letter_tally){0};
    watch.census.recount.read = 100;
    assert_shown(lay_out(100, 24), "LETTERS  ERROR OR REASON (100 of 252 letters read so far)");
    watch.look.stored[DLQ_DEAD].is_known = false;
    assert_shown(lay_out(100, 24), "letters   not known");
}

TEST(a_stream_that_is_almost_full_is_an_alarm)
{
    watch.look.letters.bytes = 240 * (uint64_t)MIB;
    lay_out(100, 30);
    assert_int_equal(lines.line[10].tone, TONE_PLAIN);
    assert_int_equal(lines.line[11].tone, TONE_ALARM);
}
