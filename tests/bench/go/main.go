// What natsq is measured against: the walk-through's programs written anew, their sleeps taken out.
package main

import (
	"fmt"
	"os"
)

func main() {
	verbs := map[string]func([]string) error{"consume": consume, "die": die, "dlq": dlq, "publish": publish}
	if len(os.Args) < 2 || verbs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench-go consume|die|dlq|publish …")
		os.Exit(64)
	}
	if err := verbs[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench-go:", err)
		os.Exit(1)
	}
}
