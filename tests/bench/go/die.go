package main

import (
	"context"
	"flag"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// die takes jobs and never says another word about them, until -dlq holds the announcements of
// -count deaths: the server makes them when the next jobs are asked for.
func die(args []string) error {
	flags := flag.NewFlagSet("die", flag.ExitOnError)
	url := flags.String("server", nats.DefaultURL, "")
	stream := flags.String("stream", "", "")
	durable := flags.String("durable", "processor", "")
	dlqName := flags.String("dlq", "", "")
	count := flags.Uint64("count", 1, "")
	flags.Parse(args)

	nc, err := nats.Connect(*url)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	consumer, err := js.Consumer(context.Background(), *stream, *durable)
	if err != nil {
		return err
	}
	announced, err := js.Stream(context.Background(), *dlqName)
	if err != nil {
		return err
	}
	for announced.CachedInfo().State.Msgs < *count {
		batch, err := consumer.Fetch(5000, jetstream.FetchMaxWait(100*time.Millisecond))
		if err != nil {
			return err
		}
		for range batch.Messages() {
		}
		if _, err := announced.Info(context.Background()); err != nil {
			return err
		}
	}
	return nil
}
