/* parsed_ns: tables of texts for the parsers of durations and of timestamps, which give
 * nanoseconds. */
#ifndef NATSQ_PARSED_NS_H
#define NATSQ_PARSED_NS_H

#include "unit.h"

#include <inttypes.h>

struct parsed_ns {
    const char *text;
    int64_t ns;
};

typedef bool parse_ns_function(const char *text, int64_t *ns);

static inline void assert_parsed(parse_ns_function *parse, const struct parsed_ns *row)
{
    int64_t ns = -1;
    if (!parse(row->text, &ns) || ns != row->ns)
        fail_msg("'%s' gives %" PRId64 ", not %" PRId64, row->text, ns, row->ns);
}

static inline void assert_not_parsed(parse_ns_function *parse, const char *text)
{
    int64_t ns;
    if (parse(text, &ns))
        fail_msg("'%s' is parsed as %" PRId64, text, ns);
}

#endif
