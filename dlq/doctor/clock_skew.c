#include "doctor/clock_skew.h"

int64_t clock_skew(const struct clock_sample *sample)
{
    if (sample->server < sample->sent)
        return sample->sent - sample->server;
    return sample->server > sample->received ? sample->received - sample->server : 0;
}
