package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// publish is the walk-through's publisher without its sleep: -count jobs, each confirmed before the
// next is sent. With -lines it logs each of them, as the walk-through does. With -count 1 it is the
// program that ours is measured against for the time of one job: connect, publish, end.
func publish(args []string) error {
	flags := flag.NewFlagSet("publish", flag.ExitOnError)
	url := flags.String("server", nats.DefaultURL, "")
	subject := flags.String("subject", "orders.new", "")
	count := flags.Int("count", 20, "")
	lines := flags.Bool("lines", false, "")
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
	for i := range *count {
		if _, err := js.Publish(context.Background(), *subject, fmt.Appendf(nil, "order-%d", i)); err != nil {
			return err
		}
		if *lines {
			log.Printf("published order no. %d", i)
		}
	}
	return nil
}
