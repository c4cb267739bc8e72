/* server_url: parses and checks server URLs. nats.c takes any unknown scheme for plain TCP, and
 * port 70000 for 4464. Pure.
 *
 * [nats://|tls://][USER[:PASSWORD]@]HOST[:PORT], several separated by commas. HOST is a name, an
 * IPv4 address, or an IPv6 address in brackets. Blanks around a URL and a slash at its end are
 * dropped. */
#ifndef NATSQ_SERVER_URL_H
#define NATSQ_SERVER_URL_H

#include "base/cleanup.h"
#include "base/error.h"

#include <stdbool.h>

enum { SERVER_URL_SHOWN_MAX = 300, SERVER_URLS_MAX = 32 };

enum server_url_fault {
    SERVER_URL_GOOD,
#define FAULT(name, example, words) SERVER_URL_##name,
#include "nats/server_url_faults.def"
#undef FAULT
};

/* Owns the strings, which may hold passwords. */
struct server_urls {
    const char *url[SERVER_URLS_MAX];
    char *for_nats[SERVER_URLS_MAX]; /* user and password escaped as nats.c needs it */
    int n;
    bool want_tls; /* one of them requires TLS: then all use it */
    char *texts;
    size_t size; /* total size of the strings */
};

/* The fault of one URL. */
enum server_url_fault server_url_fault(const char *url);

/* "has a port that …"; NULL for SERVER_URL_GOOD. */
const char *server_url_fault_text(enum server_url_fault fault);

/* The URL for a message: without user and password, and without anything that may be one. */
const char *server_url_show(const char *url, char shown[SERVER_URL_SHOWN_MAX]);

/* -1 (64, naming the faulty URL): `urls` is empty. */
int server_urls_parse(struct server_urls *urls, const char *list, struct error *error);

/* Wipes and frees. */
void server_urls_clear(struct server_urls *urls);

#endif
