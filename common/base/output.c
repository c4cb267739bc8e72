#include "base/output.h"

#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int cannot_write(int number, struct error *error)
{
    return error_set(error, EX_IOERR, "standard output cannot be written%s%s", number ? ": " : "",
                     number ? strerror(number) : "");
}

int output_check(struct error *error)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? cannot_write(EBADF, error) : 0;
}

bool output_is_path(const char *path)
{
    struct stat ours, theirs;
    return stat(path, &theirs) == 0 && fstat(STDOUT_FILENO, &ours) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

int output_flush(struct error *error)
{
    errno = 0; /* the stream does not keep the errno of an earlier failure */
    return fflush(stdout) != 0 || ferror(stdout) ? cannot_write(errno, error) : 0;
}

static bool stop_for(int failure)
{
    struct error error = {0};
    (void)cannot_write(failure, &error);
    stop_because(&error);
    return true;
}

bool output_is_unread(void)
{
    struct pollfd on = {.fd = STDOUT_FILENO};
    if (poll(&on, 1, 0) > 0 && on.revents & (POLLERR | POLLHUP))
        return stop_for(EPIPE);
    return false;
}

static bool is_on_full_disk(void)
{
    struct stat status;
    struct statvfs disk;
    return fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode) &&
           fstatvfs(STDOUT_FILENO, &disk) == 0 && disk.f_blocks > 0 && disk.f_bavail == 0;
}

bool output_is_broken(void)
{
    return output_is_unread() || (is_on_full_disk() && stop_for(ENOSPC));
}
