/* The reader of advisories accepts any bytes; an advisory that it accepts names a job of the right
 * stream. */
#include "letter/advisory.h"

#include "base/subject.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char origin[] = "orders_stream";

static void check_advisory(const struct advisory *advisory)
{
    check(strcmp(advisory->stream, origin) == 0);
    check(memchr(advisory->consumer, '\0', sizeof advisory->consumer) != NULL);
    check(subject_name_fault(advisory->consumer) == NULL);
    check(advisory->seq > 0 && advisory->seq <= INT64_MAX);
    check(advisory->deliveries > 0 && advisory->deliveries <= INT64_MAX);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t length)
{
    struct advisory advisory;
    const char *fault = advisory_parse((const char *)bytes, length, origin, &advisory);
    if (fault)
        check(fault[0] != '\0');
    else
        check_advisory(&advisory);
    return 0;
}
