#include "queue/first_match.h"

#include "base/timestamp.h"
#include "nats/requester.h"
#include "queue/added_header.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

char *first_match_body(const char *filter, uint64_t from, struct error *error)
{
    return requester_json_body(json_pack("{s:I, s:s, s:i}", "seq", (json_int_t)(from ? from : 1),
                                         "next_by_subj", filter, "batch", 1),
                               error);
}

static int64_t time_of(natsMsg *answer, const char *time_header)
{
    const char *text = NULL;
    int64_t time = 0;
    if (time_header && natsMsgHeader_Get(answer, time_header, &text) == NATS_OK &&
        timestamp_parse(text, &time))
        return time;
    text = added_header(answer, "Nats-Time-Stamp");
    return text && timestamp_parse(text, &time) ? time : 0;
}

struct first_match first_match_read(natsMsg *answer, const char *time_header)
{
    const char *status = NULL;
    const char *seq = answer ? added_header(answer, "Nats-Sequence") : NULL;
    const char *pending = answer ? added_header(answer, "Nats-Num-Pending") : NULL;
    if (seq && pending)
        return (struct first_match){.is_known = true,
                                    .n = strtoull(pending, NULL, 10) + 1,
                                    .seq = strtoull(seq, NULL, 10),
                                    .time = time_of(answer, time_header)};
    bool is_none = answer && natsMsgHeader_Get(answer, "Status", &status) == NATS_OK &&
                   strcmp(status, "404") == 0;
    return (struct first_match){.is_known = is_none};
}
