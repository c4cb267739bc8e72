#include "nats/server_url.h"

#include "unit.h"

static const struct form {
    enum server_url_fault fault;
    const char *url, *words;
} faults[] = {
#define FAULT(name, example, words) {SERVER_URL_##name, example, words},
#include "nats/server_url_faults.def"
#undef FAULT
};

/* URLs that are similar to the examples of the table. */
static const struct form more[] = {
    {SERVER_URL_GOOD, "nats://127.0.0.1:4222", NULL},
    {SERVER_URL_GOOD, "NATS://h", NULL},
    {SERVER_URL_GOOD, "tls://connect.ngs.global", NULL},
    {SERVER_URL_GOOD, "TLS://h:1", NULL},
    {SERVER_URL_GOOD, "h:65535", NULL},
    {SERVER_URL_GOOD, "nats_1.internal-net", NULL},
    {SERVER_URL_GOOD, "nats://[::1]", NULL},
    {SERVER_URL_GOOD, "nats://[fe80::1%eth0]:4222", NULL},
    {SERVER_URL_GOOD, "nats://user:p%40ss%2F@h:4222", NULL},
    {SERVER_URL_GOOD, "nats://user:p@s/s:w@h:4222", NULL},
    {SERVER_URL_GOOD, "nats://token@[::1]:4222", NULL},
    {SERVER_URL_SCHEME, "foo://h", NULL},
    {SERVER_URL_SCHEME, "://h", NULL},
    {SERVER_URL_SCHEME, "nats ://h", NULL},
    {SERVER_URL_PERCENT, "nats://user:100%@h", NULL},
    {SERVER_URL_PERCENT, "nats://user:%4@h", NULL},
    {SERVER_URL_NUL, "nats://%00@h", NULL},
    {SERVER_URL_NO_HOST, "nats://", NULL},
    {SERVER_URL_NO_HOST, "", NULL},
    {SERVER_URL_NO_HOST, "nats://user:pass@", NULL},
    {SERVER_URL_NO_HOST, "nats:///", NULL},
    {SERVER_URL_HOST, "nats://h\tx", NULL},
    {SERVER_URL_HOST, "nats://h%20", NULL},
    {SERVER_URL_HOST, "nats://]:4222", NULL},
    {SERVER_URL_BARE_IPV6, "nats://fe80::1:4222", NULL},
    {SERVER_URL_IPV6, "nats://[]", NULL},
    {SERVER_URL_IPV6, "nats://[127.0.0.1]:4222", NULL},
    {SERVER_URL_PORT, "nats://h:", NULL},
    {SERVER_URL_PORT, "nats://h:0", NULL},
    {SERVER_URL_PORT, "nats://h:-1", NULL},
    {SERVER_URL_PORT, "nats://h:+1", NULL},
    {SERVER_URL_PORT, "nats://h:65536", NULL},
    {SERVER_URL_PORT, "nats://h:70000", NULL},
    {SERVER_URL_PORT, "nats://h:4294967298", NULL},
    {SERVER_URL_PORT, "nats://[::1]:x", NULL},
    {SERVER_URL_PATH, "nats://[::1]4222", NULL},
    {SERVER_URL_PATH, "nats://h?x=1", NULL},
    {SERVER_URL_PATH, "nats://h/x", NULL},
};

static void assert_forms(const struct form *forms, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (server_url_fault(forms[i].url) != forms[i].fault)
            print_message("'%s'\n", forms[i].url);
        assert_int_equal(server_url_fault(forms[i].url), forms[i].fault);
    }
}

TEST(every_fault_of_the_table_is_found)
{
    size_t n = LENGTH(faults);
    assert_forms(faults, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(server_url_fault_text(faults[i].fault), faults[i].words);
    assert_null(server_url_fault_text(SERVER_URL_GOOD));
}

TEST(similar_urls_are_judged)
{
    assert_forms(more, LENGTH(more));
}

TEST(a_host_that_is_too_long_is_refused)
{
    char host[300] = "nats://";
    memset(host + 7, 'h', 253);
    assert_int_equal(server_url_fault(host), SERVER_URL_GOOD);
    host[7 + 253] = 'h';
    assert_int_equal(server_url_fault(host), SERVER_URL_HOST);
    memset(host + 7, ':', 290);
    host[7] = '[';
    assert_int_not_equal(server_url_fault(host), SERVER_URL_GOOD);
}

TEST(user_and_password_are_not_shown)
{
    static const char *const shown[][2] = {
        {"nats://user:secret@h:4222", "nats://h:4222"},
        {"tls://user:s@cr:et@[::1]:1", "tls://[::1]:1"},
        {"token@h", "h"},
        {"nats://user:secret", "nats://user"},
        {"nats://h:4222/secret", "nats://h:4222"},
        {"nats://h:99999", "nats://h:99999"},
        {"nats://h:0", "nats://h:0"},
        {"nats://user:123456", "nats://user"},
        {"nats://user:1234x", "nats://user"},
        {"h:4222", "h:4222"},
    };
    char text[SERVER_URL_SHOWN_MAX];
    FOR_EACH (each, shown)
        assert_string_equal(server_url_show((*each)[0], text), (*each)[1]);
}

TEST(parses_lists_of_urls)
{
    struct server_urls urls;
    struct error error = {0};
    assert_int_equal(server_urls_parse(&urls, " nats://a:1/ ,, b:2,", &error), 0);
    assert_int_equal(urls.n, 2);
    assert_string_equal(urls.url[0], "nats://a:1");
    assert_string_equal(urls.url[1], "b:2");
    assert_false(urls.want_tls);
    server_urls_clear(&urls);
    assert_int_equal(server_urls_parse(&urls, "nats://a,tls://b", &error), 0);
    assert_true(urls.want_tls);
    server_urls_clear(&urls);
    assert_int_equal(server_urls_parse(&urls, "nats://a,nats://user:secret@b:x", &error), -1);
    assert_int_equal(error.exit_code, EX_USAGE);
    assert_non_null(strstr(error.text, "'nats://b'"));
    assert_null(strstr(error.text, "secret"));
    assert_int_equal(server_urls_parse(&urls, ",", &error), -1);
    assert_null(urls.texts);
}

/* nats.c decodes them and writes them between the quotes of a JSON string. */
TEST(user_and_password_are_escaped_for_nats)
{
    static const char *const made[][2] = {
        {"nats://h:4222", "nats://h:4222"},
        {"nats://user:secret@h:4222", "nats://user:secret@h:4222"},
        {"nats://u:p%22w@h", "nats://u:p%5C%22w@h"},
        {"nats://u:p\"w@h", "nats://u:p%5C%22w@h"},
        {"nats://u%5c:a:b%0a@h", "nats://u%5C%5C:a%3Ab%5Cu000a@h"},
        {"to%40%25ken@[::1]:1", "to%40%25ken@[::1]:1"},
        {"nats://u:@h", "nats://u:@h"},
    };
    struct server_urls urls;
    struct error error = {0};
    FOR_EACH (each, made) {
        assert_int_equal(server_urls_parse(&urls, (*each)[0], &error), 0);
        assert_string_equal(urls.for_nats[0], (*each)[1]);
        server_urls_clear(&urls);
    }
}

TEST(a_list_that_is_too_long_is_refused)
{
    struct server_urls urls;
    struct error error = {0};
    char list[2 * SERVER_URLS_MAX + 3];
    for (size_t i = 0; i <= SERVER_URLS_MAX; i++)
        memcpy(list + 2 * i, "h,", 3);
    assert_int_equal(server_urls_parse(&urls, list, &error), -1);
    list[2 * SERVER_URLS_MAX] = '\0';
    assert_int_equal(server_urls_parse(&urls, list, &error), 0);
    assert_int_equal(urls.n, SERVER_URLS_MAX);
    server_urls_clear(&urls);
}
