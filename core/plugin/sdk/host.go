package sdk

import (
	"os"
	"strconv"
	"time"

	"github.com/atelier-engine/atelier/core/plugin/wire"
)

// hostPoll is how often a plugin looks whether its host still lives. Linux
// ends it at once (Pdeathsig); elsewhere, and where that failed, this does.
const hostPoll = 500 * time.Millisecond

// watchHost ends the process when the host is gone: then the kernel has given
// the plugin another parent.
func watchHost() {
	host, err := strconv.Atoi(os.Getenv(wire.EnvHost))
	if err != nil {
		host = os.Getppid()
	}
	for os.Getppid() == host {
		time.Sleep(hostPoll)
	}
	os.Exit(3)
}
