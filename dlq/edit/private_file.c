#include "edit/private_file.h"

#include "base/cleanup.h"
#include "base/whole_file.h"
#include "base/write_all.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_LARGEST = 64 << 20 }; /* no server accepts a larger message */

/* A second signal ends the process while the file is there, at any point. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* protects `current` and its files */
static struct private_file *current;

static bool create_folder(struct private_file *file)
{
    const char *const parents[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
    for (size_t i = 0; i < sizeof parents / sizeof parents[0]; i++) {
        if (!parents[i] || *parents[i] != '/')
            continue;
        int length = snprintf(file->folder, sizeof file->folder, "%s/natsq-XXXXXX", parents[i]);
        if (length < (int)sizeof file->folder && mkdtemp(file->folder))
            return true;
    }
    file->folder[0] = '\0';
    return false;
}

static int create_file(struct private_file *file, const char *name, const void *bytes,
                       size_t length, struct error *error)
{
    if (!create_folder(file))
        return error_set(error, EX_CANTCREAT, "cannot create a folder in /tmp: %s",
                         strerror(errno));
    if (snprintf(file->path, sizeof file->path, "%.*s/%s", PATH_MAX - 256, file->folder, name) >=
        (int)sizeof file->path)
        file->path[0] = '\0';
    file->fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file->fd >= 0 && write_all(file->fd, bytes, length))
        return 0;
    return error_set(error, EX_CANTCREAT, "cannot write '%s': %s", file->path, strerror(errno));
}

int private_file_read(const struct private_file *file, char **bytes, size_t *length,
                      struct error *error)
{
    _cleanup_(cleanup_fd) int fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && whole_file_read(fd, TEXT_LARGEST, bytes, length) == 0)
        return 0;
    if (errno == ECANCELED)
        return error_set(error, EX_TEMPFAIL, "stopped: nothing was retried");
    return error_set(error, EX_NOINPUT, "cannot read '%s' back: %s", file->path, strerror(errno));
}

void private_file_keep(struct private_file *file, bool keep)
{
    pthread_mutex_lock(&lock);
    file->keeps = keep;
    pthread_mutex_unlock(&lock);
}

/* As far as a file system overwrites in place. */
static void wipe(int fd)
{
    static const char zeros[4096];
    struct stat stat;
    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))
        return;
    for (off_t at = 0; at < stat.st_size; at += (off_t)sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) < 0)
            break;
    fdatasync(fd);
}

static void remove_entries(int folder, const char *kept);

static void remove_entry(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        remove_entries(fd, "");
        unlinkat(folder, name, AT_REMOVEDIR);
        return;
    }
    fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        wipe(fd);
        close(fd);
    }
    unlinkat(folder, name, 0);
}

/* Swap, backup and undo files of the editor, too. Takes ownership of the folder. */
static void remove_entries(int folder, const char *kept)
{
    DIR *entries = fdopendir(folder);
    if (!entries) {
        close(folder);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(entries));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, kept) != 0)
            remove_entry(folder, entry->d_name);
    closedir(entries);
}

/* Whether the editor replaced the file instead of writing into it. */
static bool is_replaced(const struct private_file *file)
{
    struct stat created, now;
    return fstat(file->fd, &created) == 0 &&
           (stat(file->path, &now) < 0 || created.st_ino != now.st_ino);
}

static void remove_folder(const struct private_file *file)
{
    const char *own = strrchr(file->path, '/');
    int folder = open(file->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        remove_entries(folder, file->keeps && own ? own + 1 : "");
    if (!file->keeps)
        rmdir(file->folder);
}

static void remove_current(void)
{
    struct private_file *file = current;
    if (!file || !file->folder[0])
        return;
    if (file->fd >= 0 && (!file->keeps || is_replaced(file)))
        wipe(file->fd);
    remove_folder(file);
    if (file->fd >= 0)
        close(file->fd);
    file->folder[0] = '\0';
}

/* Does not unlock: nothing may come after it. */
static void remove_at_exit(void)
{
    pthread_mutex_lock(&lock);
    if (current && current->keeps)
        dprintf(STDERR_FILENO, "the edited text is in '%s'\n", current->path);
    remove_current();
}

int private_file_open(struct private_file *file, const char *name, const void *bytes, size_t length,
                      struct error *error)
{
    *file = (struct private_file){.fd = -1};
    pthread_mutex_lock(&lock);
    current = file;
    at_quick_exit(remove_at_exit);
    int result = create_file(file, name, bytes, length, error);
    pthread_mutex_unlock(&lock);
    return result;
}

void private_file_close(struct private_file *file)
{
    pthread_mutex_lock(&lock);
    if (current == file)
        remove_current();
    current = NULL;
    pthread_mutex_unlock(&lock);
}
