#include "doctor/stream_guess.h"

#include "base/edit_distance.h"
#include "queue/dlq_subjects.h"
#include "queue/stream.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>

/* The cost of a name that is not near, in a pair whose other name is exact. */
enum { FAR = 1000 };

static size_t far_of(const char *name)
{
    size_t third = strlen(name) / 3;
    return third > 2 ? third : 2;
}

/* How far the pair is from the names; SIZE_MAX when it is not meant. */
static size_t distance_of(const char *stream, const char *origin, const char *given_stream,
                          const char *given_origin)
{
    size_t one = edit_distance(given_stream, stream), other = edit_distance(given_origin, origin);
    bool one_is_near = one <= far_of(stream), other_is_near = other <= far_of(origin);
    if (one_is_near && other_is_near)
        return one + other;
    if (one == 0 || other == 0)
        return FAR + (one < FAR ? one : FAR) + (other < FAR ? other : FAR);
    return SIZE_MAX;
}

bool stream_guess(const json_t *streams, const char *stream, const char *origin,
                  struct stream_guess *guess)
{
    size_t i, j, best = SIZE_MAX;
    json_t *one, *other;
    json_array_foreach(streams, i, one)
    {
        json_array_foreach(streams, j, other)
        {
            const char *dlq = stream_text(one, "config", "name");
            const char *jobs = stream_text(other, "config", "name");
            if (i == j || !dlq_subjects_any(one, jobs))
                continue;
            size_t as_given = distance_of(dlq, jobs, stream, origin);
            size_t swapped = distance_of(dlq, jobs, origin, stream);
            size_t distance = swapped < as_given ? swapped : as_given;
            if (distance >= best)
                continue;
            best = distance;
            *guess = (struct stream_guess){dlq, jobs};
        }
    }
    return best < SIZE_MAX;
}
