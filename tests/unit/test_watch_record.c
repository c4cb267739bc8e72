#include "watch/watch_record.h"

#include "watched_queue.h"

static struct watch watch;

static void assert_text(const char *expected)
{
    char text[WATCH_RECORD_MAX];
    assert_string_equal(watch_record_text(&watch, NOW, 12 * DURATION_S, text), expected);
}

static void assert_json(const char *expected)
{
    json_t *record = watch_record_json(&watch, NOW, 12 * DURATION_S);
    json_t *wanted = json_loads(expected, 0, NULL);
    assert_non_null(wanted);
    if (!json_equal(record, wanted))
        fail_msg("%s", json_dumps(record, 0));
    json_decref(record);
    json_decref(wanted);
}

TEST(a_line_has_all_numbers)
{
    watch = watched_queue();
    assert_text("time=2026-09-21T14:13:20.000Z pending=1204 in_flight=16 redelivered=3 "
                "oldest_job=312 pulls=4 published=12.0 done=123.4 dead=0.5 announced=3 waiting=12 "
                "held=240 oldest_letter=273600 dlq_pulls=2 origin_messages=1220 "
                "origin_bytes=36700160 dlq_messages=255 dlq_bytes=1230");
    assert_json(
        "{\"time\":\"2026-09-21T14:13:20.000Z\",\"pending\":1204,\"in_flight\":16,"
        "\"redelivered\":3,\"oldest_job\":312,\"pulls\":4,\"published\":12.0,\"done\":123.4,"
        "\"dead\":0.5,\"announced\":3,\"waiting\":12,\"held\":240,\"oldest_letter\":273600,"
        "\"dlq_pulls\":2,\"origin_messages\":1220,\"origin_bytes\":36700160,\"dlq_messages\":255,"
        "\"dlq_bytes\":1230,\"announced_exact\":true,\"consumers\":[{\"name\":\"processor\","
        "\"pending\":1204,\"in_flight\":16,\"redelivered\":3,\"oldest_job\":312,\"pulls\":4,"
        "\"paused\":false}],\"errors\":[{\"error\":\"exit 1\",\"letters\":132},{\"error\":"
        "\"connection refused\",\"letters\":120}]}");
    letter_census_clear(&watch.census);
}

TEST(what_is_not_known_or_does_not_exist_is_no_number)
{
    watch = (struct watch){.look = {.at = 1}};
    assert_text("time=2026-09-21T14:13:20.000Z pending=- in_flight=- redelivered=- oldest_job=- "
                "pulls=- published=- done=- dead=- announced=- waiting=- held=- oldest_letter=- "
                "dlq_pulls=0 origin_messages=0 origin_bytes=0 dlq_messages=0 dlq_bytes=0");
}

TEST(a_server_that_does_not_answer_is_a_line_too)
{
    watch = (struct watch){.look = {.at = 1}, .trouble = "not connected"};
    assert_text("time=2026-09-21T14:13:20.000Z no_answer=12");
    assert_json("{\"time\":\"2026-09-21T14:13:20.000Z\",\"no_answer\":12,"
                "\"trouble\":\"not connected\"}");
}
