package main

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// die takes jobs and never settles them, until the stream -dlq holds -count advisories: the server
// publishes them when it is asked for the next jobs.
func die(js jetstream.JetStream, o options) error {
	consumer, err := js.Consumer(context.Background(), o.stream, o.durable)
	if err != nil {
		return err
	}
	advisories, err := js.Stream(context.Background(), o.dlq)
	if err != nil {
		return err
	}
	for advisories.CachedInfo().State.Msgs < uint64(o.count) {
		batch, err := consumer.Fetch(5000, jetstream.FetchMaxWait(100*time.Millisecond))
		if err != nil {
			return err
		}
		for range batch.Messages() {
		}
		if _, err := advisories.Info(context.Background()); err != nil {
			return err
		}
	}
	return nil
}
