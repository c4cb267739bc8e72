package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/nats-io/nats.go/jetstream"
)

// publish is the publisher without its sleep: -count jobs, each confirmed before the next is sent,
// and each logged with -lines. With -count 1 it shows what one job takes: connect, publish, exit.
func publish(flags *flag.FlagSet) func(js jetstream.JetStream) error {
	subject := flags.String("subject", "orders.new", "")
	count := flags.Int("count", 20, "")
	lines := flags.Bool("lines", false, "")
	return func(js jetstream.JetStream) error {
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
}
