package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// child is the operating system's process of a plugin, as a runner for
// go-plugin. It is our own because go-plugin's gives the plugin the host's
// standard input, waits for ever for a stopped process, waits as long for a
// grandchild that holds the pipes, and parses the plugin's standard error
// with a type assertion that a hostile line turns into a panic of the host.
type child struct {
	path   string
	cmd    *exec.Cmd
	fork   func(func() error) error // runs its argument on a thread that stays
	stderr io.Writer                // gets the plugin's standard error

	out     *os.File // read end of its standard output
	errs    sync.WaitGroup
	done    chan struct{} // closed when it has ended
	mu      sync.Mutex
	alive   bool // started and not yet waited for, so that its pid is its own
	killed  bool
	refusal error // why it did not start
	state   error // how it ended
}

func newChild(path string, stderr io.Writer, fork func(func() error) error) *child {
	return &child{path: path, stderr: stderr, fork: fork, done: make(chan struct{})}
}

// Start starts the process; go-plugin calls it once.
func (c *child) Start(context.Context) error {
	out, outW, err := os.Pipe()
	if err != nil {
		return err
	}
	errR, errW, err := os.Pipe()
	if err != nil {
		return errors.Join(err, out.Close(), outW.Close())
	}
	c.out = out
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = nil, outW, errW
	c.cmd.SysProcAttr = attributes()

	c.mu.Lock()
	if c.killed {
		err = errors.New("killed before it started")
	} else {
		err = c.fork(c.cmd.Start)
	}
	c.alive, c.refusal = err == nil, err
	c.mu.Unlock()
	outW.Close()
	errW.Close()
	if err != nil {
		close(c.done)
		return errors.Join(err, out.Close(), errR.Close())
	}
	c.errs.Add(1)
	go func() {
		defer c.errs.Done()
		io.Copy(c.stderr, errR)
		errR.Close()
	}()
	go c.reap(errR)
	return nil
}

// pipeGrace is how long the pipes of an ended plugin are still read: what it
// wrote last is there already; only a process that it left behind writes on.
const pipeGrace = 300 * time.Millisecond

func (c *child) reap(errR *os.File) {
	err := c.cmd.Wait()
	c.mu.Lock()
	c.alive, c.state = false, err
	killGroup(c.cmd.Process.Pid) // what it started ends with it
	c.mu.Unlock()
	time.AfterFunc(pipeGrace, func() {
		c.out.Close()
		errR.Close()
	})
	c.errs.Wait()
	close(c.done)
}

// kill ends the process and all that it started with SIGKILL, which a
// stopped process obeys too. It does not wait.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	if c.alive {
		killGroup(c.cmd.Process.Pid)
		c.cmd.Process.Kill()
	}
}

func (c *child) exited() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// refused returns why the process could not be started, or nil.
func (c *child) refused() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refusal
}

// epitaph says how the process ended, if it does so soon.
func (c *child) epitaph() string {
	select {
	case <-c.done:
	case <-time.After(time.Second):
		return "it runs, but its connection is lost"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == nil {
		return "exit status 0"
	}
	return c.state.Error()
}

// The rest is what go-plugin asks of a runner.

func (c *child) Wait(context.Context) error {
	<-c.done
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

func (c *child) Kill(context.Context) error      { c.kill(); return nil }
func (c *child) Stdout() io.ReadCloser           { return c.out }
func (c *child) Stderr() io.ReadCloser           { return io.NopCloser(strings.NewReader("")) }
func (c *child) Name() string                    { return c.path }
func (c *child) Diagnose(context.Context) string { return "" }

func (c *child) ID() string {
	if c.cmd == nil || c.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(c.cmd.Process.Pid)
}

// A plugin may only listen on a socket of this machine.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	if network == "tcp" && !strings.HasPrefix(address, "127.0.0.1:") {
		return "", "", fmt.Errorf("it listens on %.80q: only this machine is allowed", address)
	}
	return network, address, nil
}

func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
