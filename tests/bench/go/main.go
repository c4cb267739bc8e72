// Programs that natsq is measured against: those of the walk-through, rewritten without their sleeps.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

type options struct {
	server, stream, durable, subject, origin, dlq string
	count                                         int
	lines                                         bool // log a line for each job
}

var verbs = map[string]func(js jetstream.JetStream, o options) error{
	"consume": consume, "die": die, "dlq": dlq, "publish": publish,
}

func parse(args []string) (o options) {
	flags := flag.NewFlagSet("bench-go", flag.ExitOnError)
	flags.StringVar(&o.server, "server", nats.DefaultURL, "")
	flags.StringVar(&o.stream, "stream", "", "")
	flags.StringVar(&o.durable, "durable", "", "")
	flags.StringVar(&o.subject, "subject", "", "")
	flags.StringVar(&o.origin, "origin", "", "")
	flags.StringVar(&o.dlq, "dlq", "", "")
	flags.IntVar(&o.count, "count", 0, "")
	flags.BoolVar(&o.lines, "lines", false, "")
	flags.Parse(args)
	return o
}

func run(verb string, o options) error {
	nc, err := nats.Connect(o.server)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	return verbs[verb](js, o)
}

func main() {
	if len(os.Args) < 2 || verbs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench-go consume|die|dlq|publish …")
		os.Exit(64)
	}
	if err := run(os.Args[1], parse(os.Args[2:])); err != nil {
		fmt.Fprintln(os.Stderr, "bench-go:", err)
		os.Exit(1)
	}
}
