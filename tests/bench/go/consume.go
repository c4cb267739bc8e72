package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/nats-io/nats.go/jetstream"
)

// consume is the consumer without its random failure and its sleep: a callback that acknowledges
// each job. It ends after -count jobs, or with SIGTERM.
func consume(js jetstream.JetStream, o options) error {
	consumer, err := js.Consumer(context.Background(), o.stream, o.durable)
	if err != nil {
		return err
	}
	done := make(chan os.Signal, 1)
	signal.Notify(done, syscall.SIGTERM)
	seen := 0
	running, err := consumer.Consume(func(msg jetstream.Msg) {
		if o.lines {
			metadata, err := msg.Metadata()
			if err != nil {
				log.Fatal(err)
			}
			log.Printf("received %s from stream sequence # %d", msg.Data(), metadata.Sequence.Stream)
		}
		msg.Ack()
		seen++
		if seen == o.count {
			done <- syscall.SIGTERM
		}
	})
	if err != nil {
		return err
	}
	<-done
	running.Stop()
	return js.Conn().Flush()
}
