/* Runs a fuzzer without libFuzzer: each file of the corpus folder, and a number of changed copies
 * of each, the same ones each time. `driver FOLDER [COPIES]` */
#include "base/cleanup.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LONGEST = 1 << 16, CHANGES_MOST = 8 };

CLEANUP_DEFINE(DIR *, cleanup_dir, closedir)

/* In an allocation of its exact size, so that a sanitizer sees a read beyond its end. */
static void run(const unsigned char *bytes, size_t length)
{
    _cleanup_(cleanup_free) unsigned char *copy = malloc(length ? length : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, length);
    LLVMFuzzerTestOneInput(copy, length);
}

static size_t change(unsigned char *bytes, size_t length, unsigned *seed)
{
    static const char pieces[] = "{}[]\":,\\u0000\r\n\xFF\xC3 ";
    size_t at = length ? (size_t)rand_r(seed) % length : 0;
    switch (rand_r(seed) % 4) {
    case 0: /* another byte */
        bytes[at] = (unsigned char)rand_r(seed);
        return length ? length : 1;
    case 1: /* a byte with a special meaning */
        bytes[at] = (unsigned char)pieces[(size_t)rand_r(seed) % (sizeof pieces - 1)];
        return length ? length : 1;
    case 2: /* cut */
        return at;
    default: /* a part repeated */
        if (2 * length - at > FILE_LONGEST)
            return length;
        memcpy(bytes + length, bytes + at, length - at);
        return 2 * length - at;
    }
}

static void run_changed(const unsigned char *bytes, size_t length, int copies, unsigned *seed)
{
    static unsigned char changed[FILE_LONGEST];
    for (int i = 0; i < copies; i++) {
        memcpy(changed, bytes, length);
        size_t n = length;
        for (int left = 1 + rand_r(seed) % CHANGES_MOST; left > 0; left--)
            n = change(changed, n, seed);
        run(changed, n);
    }
}

static bool run_file(const char *folder, const char *name, int copies, unsigned *seed)
{
    static unsigned char bytes[FILE_LONGEST];
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    _cleanup_(cleanup_file) FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t length = fread(bytes, 1, sizeof bytes, file);
    run(bytes, length);
    run_changed(bytes, length, copies, seed);
    return true;
}

int main(int argc, char **argv)
{
    unsigned seed = 1;
    int files = 0;
    _cleanup_(cleanup_dir) DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (!folder)
        return 66;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            files += run_file(argv[1], entry->d_name, argc > 2 ? atoi(argv[2]) : 0, &seed);
    printf("%d files\n", files);
    return files > 0 ? 0 : 66;
}
