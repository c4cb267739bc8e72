package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/nats-io/nats.go/jetstream"
)

// consume is the consumer without its random failure and its sleep: a callback that logs the job
// (with -lines) and acknowledges it. It ends after -count jobs, or with SIGTERM.
func consume(flags *flag.FlagSet) func(js jetstream.JetStream) error {
	stream := flags.String("stream", "", "")
	durable := flags.String("durable", "processor", "")
	count := flags.Int("count", 0, "")
	lines := flags.Bool("lines", false, "")
	return func(js jetstream.JetStream) error {
		consumer, err := js.Consumer(context.Background(), *stream, *durable)
		if err != nil {
			return err
		}
		done := make(chan os.Signal, 1)
		signal.Notify(done, syscall.SIGTERM)
		seen := 0
		running, err := consumer.Consume(func(msg jetstream.Msg) {
			if *lines {
				metadata, err := msg.Metadata()
				if err != nil {
					log.Fatal(err)
				}
				log.Printf("received %s from stream sequence # %d", msg.Data(), metadata.Sequence.Stream)
			}
			msg.Ack()
			seen++
			if seen == *count {
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
}
