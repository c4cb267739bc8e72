// Programs that natsq is measured against: those of the walk-through, rewritten without their sleeps.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A verb defines its flags and returns what to do once they are parsed.
type verb func(flags *flag.FlagSet) func(js jetstream.JetStream) error

var verbs = map[string]verb{"consume": consume, "die": die, "dlq": dlq, "publish": publish}

func run(name string, args []string) error {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	url := flags.String("server", nats.DefaultURL, "")
	do := verbs[name](flags)
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
	return do(js)
}

func main() {
	if len(os.Args) < 2 || verbs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench-go consume|die|dlq|publish …")
		os.Exit(64)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench-go:", err)
		os.Exit(1)
	}
}
