package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// dlq is the walk-through's program for dead jobs without its sleep: an advisory, the job that it
// tells of, a line about it, the acknowledgement, and the next. The job stays where it is. It ends
// after -count of them.
func dlq(args []string) error {
	flags := flag.NewFlagSet("dlq", flag.ExitOnError)
	url := flags.String("server", nats.DefaultURL, "")
	stream := flags.String("stream", "", "")
	originName := flags.String("origin", "", "")
	count := flags.Int("count", 0, "")
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
	origin, err := js.Stream(context.Background(), *originName)
	if err != nil {
		return err
	}
	consumer, err := js.CreateOrUpdateConsumer(context.Background(), *stream, jetstream.ConsumerConfig{
		Durable:       "unprocessed_order_handler",
		FilterSubject: "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." + *originName + ".*",
		AckPolicy:     jetstream.AckExplicitPolicy,
		MaxDeliver:    2,
	})
	if err != nil {
		return err
	}
	for range *count {
		if err := reprocess(consumer, origin); err != nil {
			return err
		}
	}
	return nc.Flush()
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
