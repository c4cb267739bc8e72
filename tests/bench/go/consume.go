package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// consume is the walk-through's consumer without its random failure and its sleep: a callback that
// logs the job (with -lines) and acknowledges it. It ends after -count jobs, or by SIGTERM.
func consume(args []string) error {
	flags := flag.NewFlagSet("consume", flag.ExitOnError)
	url := flags.String("server", nats.DefaultURL, "")
	stream := flags.String("stream", "", "")
	durable := flags.String("durable", "processor", "")
	count := flags.Int("count", 0, "")
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
	return nc.Flush()
}
