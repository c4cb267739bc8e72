#include "nats/ack_subject.h"

#include "base/stop.h"

#include <string.h>

void ack_subject_init(struct ack_subject *acks)
{
    *acks = (struct ack_subject){.prefix = DELIVERY_PLAIN_PREFIX};
    pthread_mutex_init(&acks->lock, NULL);
}

void ack_subject_release(struct ack_subject *acks)
{
    pthread_mutex_destroy(&acks->lock);
}

void ack_subject_learn(struct ack_subject *acks, const char *reply)
{
    char prefix[DELIVERY_PREFIX_MAX];
    if (!delivery_prefix(reply, prefix))
        return;
    pthread_mutex_lock(&acks->lock);
    memcpy(acks->prefix, prefix, sizeof prefix);
    pthread_mutex_unlock(&acks->lock);
}

void ack_subject_prefix(struct ack_subject *acks, char prefix[DELIVERY_PREFIX_MAX])
{
    pthread_mutex_lock(&acks->lock);
    memcpy(prefix, acks->prefix, DELIVERY_PREFIX_MAX);
    pthread_mutex_unlock(&acks->lock);
}

void ack_subject_require(struct ack_subject *acks, const char *stream)
{
    atomic_store(&acks->required, stream);
}

bool ack_subject_refused(const struct ack_subject *acks, const char *subject)
{
    struct error error;
    char permission[DELIVERY_PERMISSION_MAX];
    const char *stream = atomic_load(&acks->required);
    if (!stream || !delivery_permission(subject, stream, permission))
        return false;
    error_set(&error, EX_NOPERM,
              "the server refuses our acknowledgements, so jobs that are done would run again: "
              "allow this user to publish to %s",
              permission);
    stop_because(&error);
    return true;
}
