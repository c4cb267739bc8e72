#include "base/exit_status.h"

#include "base/stop.h"

int exit_status(int result, struct error *error, const struct log *log)
{
    if (stop_cause(error) == 0 && result >= 0)
        return 0;
    /* Several programs may stand in one line of a shell; later lines say what they are about. */
    bool is_named = error->exit_code == EX_USAGE && log->format == LOG_FORMAT_TEXT;
    log_write(log, LOG_LEVEL_ERROR, "%s%s%s", is_named ? log->program : "", is_named ? ": " : "",
              error->text);
    return error->exit_code;
}
