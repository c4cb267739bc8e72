package main

import (
	"context"
	"encoding/json"
	"log"

	"github.com/nats-io/nats.go/jetstream"
)

// dlq is the program for dead jobs without its sleep. For each of -count advisories it gets the job,
// logs it and acknowledges the advisory. The job stays in the origin.
func dlq(js jetstream.JetStream, o options) error {
	origin, err := js.Stream(context.Background(), o.origin)
	if err != nil {
		return err
	}
	consumer, err := js.CreateOrUpdateConsumer(context.Background(), o.stream, jetstream.ConsumerConfig{
		Durable:       "unprocessed_order_handler",
		FilterSubject: "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." + o.origin + ".*",
		AckPolicy:     jetstream.AckExplicitPolicy,
		MaxDeliver:    2,
	})
	if err != nil {
		return err
	}
	for range o.count {
		if err := reprocess(consumer, origin); err != nil {
			return err
		}
	}
	return js.Conn().Flush()
}

func reprocess(consumer jetstream.Consumer, origin jetstream.Stream) error {
	msg, err := consumer.Next()
	if err != nil {
		return err
	}
	var advisory struct {
		StreamSeq uint64 `json:"stream_seq"`
	}
	if err := json.Unmarshal(msg.Data(), &advisory); err != nil {
		return err
	}
	job, err := origin.GetMsg(context.Background(), advisory.StreamSeq)
	if err != nil {
		return err
	}
	log.Printf("reprocessing order %s", job.Data)
	return msg.Ack()
}
