#include "base/await.h"

#include "base/duration.h"
#include "base/stop.h"

static const int64_t pause = 500 * DURATION_MS;

bool await_again(struct await *await, int *result, const struct error *error)
{
    if (*result >= 0 || !await->wait || error->exit_code != EX_UNAVAILABLE)
        return false;
    if (!await->is_logged)
        log_info(await->log, "waiting: %s", error->text);
    await->is_logged = true;
    if (!stop_wait(pause))
        return true;
    *result = 1;
    return false;
}
