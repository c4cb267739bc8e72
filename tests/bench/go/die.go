package main

import (
	"context"
	"flag"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// die takes jobs and never settles them, until the stream -dlq holds -count advisories: the server
// publishes them when it is asked for the next jobs.
func die(flags *flag.FlagSet) func(js jetstream.JetStream) error {
	stream := flags.String("stream", "", "")
	durable := flags.String("durable", "processor", "")
	dlqName := flags.String("dlq", "", "")
	count := flags.Uint64("count", 1, "")
	return func(js jetstream.JetStream) error {
		consumer, err := js.Consumer(context.Background(), *stream, *durable)
		if err != nil {
			return err
		}
		advisories, err := js.Stream(context.Background(), *dlqName)
		if err != nil {
			return err
		}
		for advisories.CachedInfo().State.Msgs < *count {
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
}
