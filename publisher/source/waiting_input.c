#include "source/waiting_input.h"

#include "base/clock.h"
#include "base/duration.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t patience = 200 * DURATION_MS;

/* From where the process that opened the file left it. */
static bool file_has_data(int fd)
{
    char byte;
    off_t at = lseek(fd, 0, SEEK_CUR);
    return at >= 0 && pread(fd, &byte, 1, at) == 1;
}

static bool has_bytes(int fd)
{
    int n;
    return ioctl(fd, FIONREAD, &n) == 0 && n > 0;
}

/* Returns when there is data, or nothing more to wait for. */
static void wait_for_data(int fd)
{
    struct pollfd on = {.fd = fd, .events = POLLIN};
    int64_t now, until = clock_now() + patience;
    while ((now = clock_now()) < until) {
        int ready = poll(&on, 1, (int)((until - now) / DURATION_MS) + 1);
        if (ready >= 0 || errno != EINTR)
            return;
    }
}

bool waiting_input(int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return false;
    if (S_ISREG(status.st_mode))
        return file_has_data(fd);
    if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode))
        return false;
    wait_for_data(fd);
    return has_bytes(fd);
}
