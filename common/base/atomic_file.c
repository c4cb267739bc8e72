#include "base/atomic_file.h"

#include "base/cleanup.h"
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const struct atomic_file *out, const char *what, struct error *error)
{
    return error_set(error, EX_CANTCREAT, "cannot %s '%s': %s", what, out->name, strerror(errno));
}

static bool is_stdout_name(const char *name)
{
    return !name || strcmp(name, "-") == 0;
}

/* The user may not know that it is a link. A rename would replace the link; following it would
 * overwrite a file other than the one named. */
static int refuse_link(const char *name, struct error *error)
{
    char target[PATH_MAX];
    ssize_t length = readlink(name, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    return error_set(
        error, EX_CANTCREAT,
        "'%s' is a symbolic link to '%s' and is not followed: give the name of the file", name,
        target);
}

/* A device or a pipe is written to directly, also through a link (/dev/stdout, /dev/fd/3). */
static bool is_special(const struct stat *status)
{
    return !S_ISREG(status->st_mode) && !S_ISLNK(status->st_mode);
}

int atomic_file_check(const char *name, bool *exists, struct error *error)
{
    struct stat itself, target;
    *exists = false;
    if (is_stdout_name(name) || lstat(name, &itself) != 0)
        return 0;
    *exists = S_ISREG(itself.st_mode);
    if (!S_ISLNK(itself.st_mode))
        return 0;
    bool has_target = stat(name, &target) == 0;
    bool is_written_to = has_target && (is_special(&target) || output_is_path(name));
    return is_written_to ? 0 : refuse_link(name, error);
}

static bool is_renamed(const char *name)
{
    struct stat status;
    return lstat(name, &status) != 0 || S_ISREG(status.st_mode);
}

static int open_temporary(struct atomic_file *out, struct error *error)
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

int atomic_file_open(struct atomic_file *out, const char *name, bool overwrite, struct error *error)
{
    bool exists;
    *out = (struct atomic_file){.file = stdout, .overwrites = overwrite};
    if (atomic_file_check(name, &exists, error) < 0)
        return -1;
    if (exists && !overwrite)
        return error_set(error, EX_CANTCREAT, "'%s' exists; --yes overwrites it", name);
    if (is_stdout_name(name) || (!is_renamed(name) && output_is_path(name)))
        return output_check(error);
    out->name = name;
    out->file = NULL;
    if (is_renamed(name))
        return open_temporary(out, error);
    out->file = fopen(name, "we");
    return out->file ? 0 : cannot(out, "write to", error);
}

/* A file system without RENAME_NOREPLACE answers EINVAL. */
static int rename_file(const char *temporary, const char *name, bool overwrite)
{
    if (!overwrite) {
        int result = renameat2(AT_FDCWD, temporary, AT_FDCWD, name, RENAME_NOREPLACE);
        if (result == 0 || errno != EINVAL)
            return result;
    }
    return rename(temporary, name);
}

static void sync_folder(const char *name)
{
    _cleanup_(cleanup_free) char *copy = strdup(name);
    _cleanup_(cleanup_fd) int fd =
        copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0)
        fsync(fd);
}

int atomic_file_rename(const char *temporary, const char *name, bool overwrite)
{
    if (rename_file(temporary, name, overwrite) != 0)
        return -1;
    sync_folder(name);
    return 0;
}

int atomic_file_commit(struct atomic_file *out, struct error *error)
{
    if (!out->name)
        return 0;
    if (fflush(out->file) != 0 || (out->temporary && fsync(fileno(out->file)) != 0) ||
        fclose(take(out->file)) != 0)
        return cannot(out, "write", error);
    if (out->temporary && atomic_file_rename(out->temporary, out->name, out->overwrites) != 0)
        return cannot(out, "rename to", error);
    free(take(out->temporary));
    return 0;
}

void atomic_file_close(struct atomic_file *out)
{
    if (out->name && out->file)
        fclose(out->file);
    if (out->temporary)
        unlink(out->temporary);
    free(out->temporary);
}
