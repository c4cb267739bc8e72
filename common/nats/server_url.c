#include "nats/server_url.h"

#include "base/decimal.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOST_LONGEST = 253, PORT_DIGITS_MOST = 5, PORT_MOST = 65535 };

static const char name_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";

struct span {
    const char *start;
    size_t length;
};

/* The parts of a URL; `start` is NULL where one is absent. */
struct parts {
    struct span scheme, user, host, port; /* `user` with its password */
    struct span rest;                     /* after host and port */
};

static const struct scheme {
    const char *name;
    bool tls;
    enum server_url_fault fault;
} schemes[] = {
    {"nats", false, SERVER_URL_GOOD},
    {"tls", true, SERVER_URL_GOOD},
    {"ws", false, SERVER_URL_WEBSOCKET},
    {"wss", true, SERVER_URL_WEBSOCKET_TLS},
};

static const struct scheme *scheme_of(const struct parts *parts)
{
    static const struct scheme unknown = {"", false, SERVER_URL_SCHEME};
    if (!parts->scheme.start)
        return &schemes[0];
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strlen(schemes[i].name) == parts->scheme.length &&
            strncasecmp(schemes[i].name, parts->scheme.start, parts->scheme.length) == 0)
            return &schemes[i];
    return &unknown;
}

static struct span cut(const char *start, const char *end)
{
    return (struct span){start, (size_t)(end - start)};
}

/* A host ends before its port, or with its closing bracket. */
static const char *end_of_host(const char *host)
{
    const char *bracket = *host == '[' ? strpbrk(host, "]/") : NULL;
    if (bracket && *bracket == ']')
        return bracket + 1;
    const char *end = host + strcspn(host, "/?#");
    const char *colon = memrchr(host, ':', (size_t)(end - host));
    return colon ? colon : end;
}

/* As in nats.c, the last '@' ends user and password, which may contain any other character. */
static struct parts split(const char *url)
{
    struct parts parts = {0};
    const char *at = strstr(url, "://");
    if (at) {
        parts.scheme = cut(url, at);
        url = at + 3;
    }
    at = strrchr(url, '@');
    if (at) {
        parts.user = cut(url, at);
        url = at + 1;
    }
    at = end_of_host(url);
    parts.host = cut(url, at);
    if (*at == ':') {
        url = at + 1;
        at = url + strcspn(url, "/?#");
        parts.port = cut(url, at);
    }
    parts.rest = cut(at, at + strlen(at));
    return parts;
}

static bool has_port_digits(struct span port)
{
    return port.length > 0 && port.length <= PORT_DIGITS_MOST &&
           strspn(port.start, "0123456789") >= port.length;
}

static bool is_port(struct span port)
{
    uint64_t number;
    return has_port_digits(port) && decimal_scan(&port.start, &number) && number > 0 &&
           number <= PORT_MOST;
}

static enum server_url_fault user_fault(struct span user)
{
    const char *end = user.start + user.length;
    for (const char *at = user.start; at < end; at++) {
        if (*at != '%')
            continue;
        if (end - at < 3 || !isxdigit((unsigned char)at[1]) || !isxdigit((unsigned char)at[2]))
            return SERVER_URL_PERCENT;
        if (at[1] == '0' && at[2] == '0')
            return SERVER_URL_NUL;
    }
    return SERVER_URL_GOOD;
}

/* An address in brackets, perhaps with a zone ("%eth0"). */
static bool is_ipv6(struct span host)
{
    char address[HOST_LONGEST + 1];
    struct in6_addr ignored;
    if (host.length < 2 || host.start[host.length - 1] != ']')
        return false;
    memcpy(address, host.start + 1, host.length - 2);
    address[host.length - 2] = '\0';
    address[strcspn(address, "%")] = '\0';
    return inet_pton(AF_INET6, address, &ignored) == 1;
}

static enum server_url_fault host_fault(struct span host)
{
    if (host.length == 0)
        return SERVER_URL_NO_HOST;
    if (host.length > HOST_LONGEST)
        return SERVER_URL_HOST;
    if (host.start[0] == '[')
        return is_ipv6(host) ? SERVER_URL_GOOD : SERVER_URL_IPV6;
    if (memchr(host.start, ':', host.length))
        return SERVER_URL_BARE_IPV6;
    return strspn(host.start, name_characters) >= host.length ? SERVER_URL_GOOD : SERVER_URL_HOST;
}

static enum server_url_fault fault_of(const struct parts *parts)
{
    enum server_url_fault fault = scheme_of(parts)->fault;
    if (fault == SERVER_URL_GOOD && parts->user.start)
        fault = user_fault(parts->user);
    if (fault == SERVER_URL_GOOD)
        fault = host_fault(parts->host);
    if (fault == SERVER_URL_GOOD && parts->port.start && !is_port(parts->port))
        fault = SERVER_URL_PORT;
    if (fault == SERVER_URL_GOOD && parts->rest.length > 0)
        fault = SERVER_URL_PATH;
    return fault;
}

enum server_url_fault server_url_fault(const char *url)
{
    const struct parts parts = split(url);
    return fault_of(&parts);
}

const char *server_url_fault_text(enum server_url_fault fault)
{
    switch (fault) {
    case SERVER_URL_GOOD:
        return NULL;
#define FAULT(name, example, words)                                                                \
    case SERVER_URL_##name:                                                                        \
        return words;
#include "nats/server_url_faults.def"
#undef FAULT
    }
    return "is not understood";
}

/* The text in place of the port may be the password of a URL without a host, so it is shown only if
 * it looks like a port. */
const char *server_url_show(const char *url, char shown[SERVER_URL_SHOWN_MAX])
{
    const struct parts parts = split(url);
    bool has_port = parts.port.start && has_port_digits(parts.port);
    snprintf(shown, SERVER_URL_SHOWN_MAX, "%.*s%s%.*s%s%.*s", (int)parts.scheme.length,
             parts.scheme.start ? parts.scheme.start : "", parts.scheme.start ? "://" : "",
             (int)parts.host.length, parts.host.start, has_port ? ":" : "",
             has_port ? (int)parts.port.length : 0, has_port ? parts.port.start : "");
    return shown;
}

/* Removes the blanks around it and the slash at its end. */
static char *trim(char *url)
{
    static const char blanks[] = " \t\r\n";
    url += strspn(url, blanks);
    size_t length = strlen(url);
    while (length > 0 && strchr(blanks, url[length - 1]))
        length--;
    if (length > 0 && url[length - 1] == '/' && (length < 3 || memcmp(url + length - 3, "://", 3)))
        length--;
    url[length] = '\0';
    return url;
}

static char *decode(struct span encoded)
{
    char *decoded = malloc(encoded.length + 1), *to = decoded;
    if (!decoded)
        return NULL;
    for (size_t i = 0; i < encoded.length; i++) {
        char hex[3] = "";
        if (encoded.start[i] != '%') {
            *to++ = encoded.start[i];
            continue;
        }
        memcpy(hex, encoded.start + i + 1, 2);
        *to++ = (char)strtol(hex, NULL, 16);
        i += 2;
    }
    *to = '\0';
    return decoded;
}

static char *encode(char *to, const char *text)
{
    for (; *text; text++)
        if (strchr(name_characters, *text))
            *to++ = *text;
        else
            to += sprintf(to, "%%%02X", (unsigned char)*text);
    *to = '\0';
    return to;
}

/* Escapes a user or password; NULL when out of memory. */
static char *encode_for_json(char *to, struct span text)
{
    char *decoded = decode(text);
    char *quoted = decoded ? text_escape_json(decoded) : NULL;
    char *end = quoted ? encode(to, quoted) : NULL;
    cleanup_secret(&decoded);
    cleanup_secret(&quoted);
    return end;
}

/* nats.c 3.14 decodes user and password, and puts them into its CONNECT unquoted: so they are
 * quoted here and encoded again. */
static char *url_for_nats(const char *url, const struct parts *parts)
{
    enum { LONGEST = sizeof "%5Cu0000" - 1 };
    const struct span user = parts->user;
    const char *end = user.start + user.length;
    const char *colon = user.start ? memchr(user.start, ':', user.length) : NULL;
    if (!user.start)
        return strdup(url);
    char *made = calloc(1, strlen(url) + LONGEST * user.length + 1);
    char *to = made ? mempcpy(made, url, (size_t)(user.start - url)) : NULL;
    to = to ? encode_for_json(to, cut(user.start, colon ? colon : end)) : NULL;
    if (to && colon) {
        *to++ = ':';
        to = encode_for_json(to, cut(colon + 1, end));
    }
    if (!to) {
        cleanup_secret(&made);
        return NULL;
    }
    strcpy(to, end);
    return made;
}

static int add(struct server_urls *urls, const char *url, struct error *error)
{
    const struct parts parts = split(url);
    enum server_url_fault fault = fault_of(&parts);
    char shown[SERVER_URL_SHOWN_MAX];
    if (fault != SERVER_URL_GOOD)
        return error_set(error, EX_USAGE, "server URL '%s' %s", server_url_show(url, shown),
                         server_url_fault_text(fault));
    if (urls->n == SERVER_URLS_MAX)
        return error_set(error, EX_USAGE, "at most %d server URLs", SERVER_URLS_MAX);
    urls->for_nats[urls->n] = url_for_nats(url, &parts);
    if (!urls->for_nats[urls->n])
        return error_set(error, EX_OSERR, "out of memory");
    urls->url[urls->n++] = url;
    urls->want_tls = urls->want_tls || scheme_of(&parts)->tls;
    return 0;
}

static int parse(struct server_urls *urls, const char *list, struct error *error)
{
    urls->size = strlen(list);
    urls->texts = strdup(list);
    if (!urls->texts)
        return error_set(error, EX_OSERR, "out of memory");
    char *rest = urls->texts;
    for (char *one; (one = strsep(&rest, ","));) {
        one = trim(one);
        if (*one && add(urls, one, error) < 0)
            return -1;
    }
    return urls->n > 0 ? 0 : error_set(error, EX_USAGE, "no server URL: use nats://HOST:PORT");
}

int server_urls_parse(struct server_urls *urls, const char *list, struct error *error)
{
    *urls = (struct server_urls){0};
    if (parse(urls, list, error) == 0)
        return 0;
    server_urls_clear(urls);
    return -1;
}

void server_urls_clear(struct server_urls *urls)
{
    if (urls->texts)
        explicit_bzero(urls->texts, urls->size);
    free(urls->texts);
    for (int i = 0; i < urls->n; i++)
        cleanup_secret(&urls->for_nats[i]);
    *urls = (struct server_urls){0};
}
