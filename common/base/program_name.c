#include "base/program_name.h"

#include "base/shell_word.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const ours[] = {"publisher", "consumer", "dlq"};
enum { OURS = sizeof ours / sizeof ours[0] };

/* The source tree, if any, is at most this many folders above the executable (build/PRESET/bin). */
enum { FOLDERS_UP = 4 };

static const char natscli[] = "nats", create_streams[] = "scripts/create-streams";

/* Part of the state in which the process was started; written once. */
static struct {
    pthread_once_t once;
    char name[OURS][128];
    char call[OURS][PROGRAM_CALL_MAX];
    char natscli[PROGRAM_CALL_MAX];
    char create_streams[PROGRAM_CALL_MAX]; /* empty: not there */
    char stream_maker[PROGRAM_CALL_MAX + 16];
} known = {.once = PTHREAD_ONCE_INIT};

static int exists(const char *path)
{
    return access(path, X_OK) == 0;
}

int program_place_read(struct program_place *place, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t length = strlen(base);
    *place = (struct program_place){0};
    for (size_t i = 0; i < OURS; i++) {
        size_t n = strlen(ours[i]);
        if (length < n || strcmp(base + length - n, ours[i]) != 0 ||
            length - n >= sizeof place->prefix || (size_t)(base - path) >= sizeof place->folder)
            continue;
        memcpy(place->prefix, base, length - n);
        memcpy(place->folder, path, (size_t)(base - path));
        return 0;
    }
    return 1;
}

const char *program_path(const struct program_place *place, const char *plain,
                         program_exists *is_there, char path[PROGRAM_CALL_MAX])
{
    char bare[PROGRAM_CALL_MAX];
    snprintf(path, PROGRAM_CALL_MAX, "%s%s%s", place->folder, place->prefix, plain);
    snprintf(bare, sizeof bare, "%s%s", place->folder, plain);
    if (*place->folder && !is_there(path) && is_there(bare))
        memcpy(path, bare, sizeof bare);
    return path;
}

static bool read_executable(char path[PROGRAM_CALL_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PROGRAM_CALL_MAX - 1);
    path[n > 0 ? n : 0] = '\0';
    return n > 0;
}

bool program_is_there(const char *name)
{
    const char *rest = getenv("PATH");
    while (rest && *rest) {
        char path[PROGRAM_CALL_MAX];
        size_t length = strcspn(rest, ":");
        snprintf(path, sizeof path, "%.*s/%s", (int)length, rest, name);
        if (length > 0 && exists(path))
            return true;
        rest += length + (rest[length] == ':');
    }
    return false;
}

/* Looks for `file` in the folders above the executable; `call` becomes its path. */
static bool find_above(const char *executable, const char *file, char call[PROGRAM_CALL_MAX])
{
    char folder[PROGRAM_CALL_MAX], path[PROGRAM_CALL_MAX + 64];
    snprintf(folder, sizeof folder, "%s", executable);
    for (int i = 0; i < FOLDERS_UP; i++) {
        char *slash = strrchr(folder, '/');
        if (!slash)
            return false;
        *slash = '\0';
        snprintf(path, sizeof path, "%s/%s", folder, file);
        if (!exists(path))
            continue;
        shell_word(path, call, PROGRAM_CALL_MAX);
        return true;
    }
    return false;
}

static void find_all(void)
{
    struct program_place place;
    char executable[PROGRAM_CALL_MAX], path[PROGRAM_CALL_MAX];
    bool has_executable = read_executable(executable);
    if (program_place_read(&place, program_invocation_name) != 0 && has_executable)
        (void)program_place_read(&place, executable); /* a link with another name */
    for (size_t i = 0; i < OURS; i++) {
        program_path(&place, ours[i], exists, path);
        snprintf(known.name[i], sizeof known.name[i], "%s", path + strlen(place.folder));
        shell_word(path, known.call[i], sizeof known.call[i]);
    }
    if (program_is_there(natscli) || !find_above(executable, ".deps/bin/nats", known.natscli))
        snprintf(known.natscli, sizeof known.natscli, "%s", natscli);
    if (!find_above(executable, create_streams, known.create_streams))
        known.create_streams[0] = '\0';
    if (*known.create_streams)
        snprintf(known.stream_maker, sizeof known.stream_maker, "%s", known.create_streams);
    else
        snprintf(known.stream_maker, sizeof known.stream_maker, "%s stream add", known.natscli);
}

static int index_of(const char *plain)
{
    pthread_once(&known.once, find_all);
    for (int i = 0; i < OURS; i++)
        if (strcmp(ours[i], plain) == 0)
            return i;
    return -1;
}

const char *program_name(const char *plain)
{
    int i = index_of(plain);
    return i >= 0 ? known.name[i] : plain;
}

const char *program_call(const char *plain)
{
    int i = index_of(plain);
    if (i >= 0)
        return known.call[i];
    return strcmp(plain, natscli) == 0 ? known.natscli : plain;
}

const char *program_script(const char *plain)
{
    bool is_known = index_of(plain) < 0 && strcmp(plain, create_streams) == 0;
    return is_known && *known.create_streams ? known.create_streams : NULL;
}

const char *program_stream_maker(void)
{
    index_of(natscli);
    return known.stream_maker;
}
