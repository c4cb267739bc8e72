/* letter_sample: a letter with every field, and messages to write it to. */
#ifndef NATSQ_LETTER_SAMPLE_H
#define NATSQ_LETTER_SAMPLE_H

#include "letter/letter.h"
#include "nats/nats_cleanup.h"

#include "nats_library.h"

#define T INT64_C(1795561856123456789)

static natsMsg *message_on(const char *subject)
{
    natsMsg *message = NULL;
    assert_int_equal(natsMsg_Create(&message, subject, NULL, "body", 4), NATS_OK);
    return message;
}

static const struct letter full = {
    .origin = "orders_stream",
    .consumer = "processor",
    .subject = "orders.new",
    .seq = 7,
    .stored_at = T,
    .deliveries = 2,
    .retries = 1,
    .reason = "exit 1",
    .error = "disk full",
    .host = "worker-3",
    .job_id = "order-7",
    .died_at = T + 1,
};

/* A letter about a job without headers, as it would be published. */
static natsMsg *written(const struct letter *letter)
{
    _cleanup_(cleanup_msg) natsMsg *job_message = message_on("orders.new");
    const struct job job = {.message = job_message};
    natsMsg *message = message_on("natsq.dead.orders_stream.processor.7.1");
    assert_int_equal(letter_write(letter, &job, message), NATS_OK);
    return message;
}

#endif
