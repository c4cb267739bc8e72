#include "base/exit_status.h"

#include "base/stop.h"

int exit_status(int result, struct error *error, const struct log *log)
{
    if (stop_cause(error) == 0 && result >= 0)
        return 0;
    log_write(log, LOG_LEVEL_ERROR, "%s", error->text);
    return error->exit_code;
}
