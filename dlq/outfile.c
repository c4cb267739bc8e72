#include "outfile.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

static int cannot(const struct outfile *out, const char *what, struct error *error)
{
    return error_set(error, EX_CANTCREAT, "cannot %s '%s': %s", what, out->name, strerror(errno));
}

/* A device or a pipe is written to: to rename over it would put a file in its place. */
static bool is_renamed(const char *name)
{
    struct stat status;
    return stat(name, &status) != 0 || S_ISREG(status.st_mode);
}

static int open_temporary(struct outfile *out, struct error *error)
{
    if (asprintf(&out->temporary, "%s.XXXXXX", out->name) < 0) {
        out->temporary = NULL;
        return error_set(error, EX_OSERR, "out of memory");
    }
    int fd = mkostemp(out->temporary, O_CLOEXEC);
    if (fd < 0) {
        free(take(out->temporary));
        return cannot(out, "write beside", error);
    }
    out->file = fdopen(fd, "w");
    return out->file ? 0 : cannot(out, "write", error);
}

int outfile_open(struct outfile *out, const char *name, struct error *error)
{
    *out = (struct outfile){.file = stdout};
    if (!name || strcmp(name, "-") == 0)
        return 0;
    out->name = name;
    out->file = NULL;
    if (is_renamed(name))
        return open_temporary(out, error);
    out->file = fopen(name, "we");
    return out->file ? 0 : cannot(out, "write to", error);
}

/* The new name is on the disk too. */
static void sync_folder(const char *name)
{
    _cleanup_(cleanup_free) char *copy = strdup(name);
    _cleanup_(cleanup_fd) int fd =
        copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0)
        fsync(fd);
}

int outfile_keep(struct outfile *out, struct error *error)
{
    if (!out->name)
        return 0;
    if (fflush(out->file) != 0 || (out->temporary && fsync(fileno(out->file)) != 0) ||
        fclose(take(out->file)) != 0)
        return cannot(out, "write", error);
    if (out->temporary && rename(out->temporary, out->name) != 0)
        return cannot(out, "rename to", error);
    if (out->temporary)
        sync_folder(out->name);
    free(take(out->temporary));
    return 0;
}

void outfile_close(struct outfile *out)
{
    if (out->name && out->file)
        fclose(out->file);
    if (out->temporary)
        unlink(out->temporary);
    free(out->temporary);
}
