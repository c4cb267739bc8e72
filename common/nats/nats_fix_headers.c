/* nats.c 3.14 looks a name up in its table with strncmp over the length of the name that is looked
 * for, and its hash leaves out the last letters of many lengths: after `OrderId` was stored,
 * `Order` finds it. A job's headers, kept in such a table, are then mixed up. Linked in its place
 * (-Wl,--wrap=natsStrHash_GetEx) until a release compares the whole name; test_letter_headers tells
 * when. The layouts are those of its src/hash.h at 3.14. */
#include <nats/nats.h>
#include <string.h>

struct entry {
    uint32_t hash;
    char *key;
    bool frees_key;
    void *data;
    struct entry *next;
};

struct table {
    struct entry **buckets;
    int n_buckets, mask, used;
    bool can_resize;
};

uint32_t natsStrHash_Hash(const char *data, int length);
void *__wrap_natsStrHash_GetEx(const struct table *table, const char *key, int length);

void *__wrap_natsStrHash_GetEx(const struct table *table, const char *key, int length)
{
    uint32_t hash = natsStrHash_Hash(key, length);
    for (struct entry *e = table->buckets[hash & (uint32_t)table->mask]; e; e = e->next)
        if (e->hash == hash && strlen(e->key) == (size_t)length &&
            memcmp(e->key, key, (size_t)length) == 0)
            return e->data;
    return NULL;
}
