#include "queue/outstanding.h"

#include "base/duration.h"

static const int64_t period = 15 * DURATION_S; /* the server ends a request earlier */
static const int64_t silence = 7 * DURATION_S; /* more than twice the interval of heartbeats */

void asked_reset(struct asked *asked, int64_t now)
{
    *asked = (struct asked){.turned = now, .heard = now};
}

void asked_add(struct asked *asked, size_t n, int64_t now)
{
    asked->recent += n;
    asked->heard = now;
}

void asked_met(struct asked *asked, size_t n)
{
    size_t of_older = n < asked->older ? n : asked->older;
    asked->older -= of_older;
    n -= of_older;
    asked->recent -= n < asked->recent ? n : asked->recent;
}

void asked_turn(struct asked *asked, int64_t now)
{
    if (now - asked->turned < period)
        return;
    asked->older = asked->recent;
    asked->recent = 0;
    asked->turned = now;
}

size_t asked_count(const struct asked *asked)
{
    return asked->recent + asked->older;
}

size_t asked_room(const struct asked *asked, size_t most, uint64_t left)
{
    size_t count = asked_count(asked);
    if (most <= count || left <= count)
        return 0;
    return most < left ? most - count : (size_t)left - count;
}

bool asked_is_forgotten(const struct asked *asked, int64_t now)
{
    return asked_count(asked) > 0 && now - asked->heard > silence;
}
