#include "run/warn_or_stop.h"

#include "base/stop.h"
#include "dlq.h"

void warn_or_stop(const struct dlq *dlq, const struct error *error)
{
    if (error->exit_code == EX_NOPERM)
        stop_because(error);
    else
        log_warn(dlq->log, "%s", error->text);
}
