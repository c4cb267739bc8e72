package main

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// publish is the publisher without its sleep and its lines: -count jobs, each confirmed before the
// next is sent. With -count 1 it shows what one job takes: connect, publish, exit.
func publish(js jetstream.JetStream, o options) error {
	for i := range o.count {
		if _, err := js.Publish(context.Background(), o.subject, fmt.Appendf(nil, "order-%d", i)); err != nil {
			return err
		}
	}
	return nil
}
