// Package plugin is the host's side of plugins: it finds them, starts them
// when they are first needed, talks to them over gRPC with AutoMTLS, and ends
// them. A plugin is somebody else's program: it may be missing, crash, hang,
// print, lie. None of this may stop or harm the host, and each of it is an
// error that names the plugin and says what to do.
//
//	         Supervisor ── slot (one a name) ── process ── child (the OS process)
//	search ──┘   call: deadline, restart once,  go-plugin   own group, pipes,
//	lock ────┘         then quarantine          client      SIGKILL first
//
// go-plugin itself has no deadlines: its Ping and Kill wait for ever for a
// process that was stopped. So the child is killed first, always.
package plugin

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/atelier-engine/atelier/core/plugin/wire"
)

// Info, Option and Request are what a plugin says about itself and what a
// style is asked.
type (
	Info    = wire.Info
	Option  = wire.Option
	Request = wire.Request
)

// Config says where plugins are and how long they may take. The zero value
// finds nothing, but works.
type Config struct {
	// Folders are searched for executables in this order.
	Folders []string
	// Lock is the path of a lock file; empty: plugins.lock beside the plugin.
	// Where the file exists, only plugins with the written checksum start.
	Lock string
	// Data are the folders that hold models/ and styles/, for sdk.Data.
	Data []string
	// Env names variables that plugins get beside the usual ones (PATH, HOME,
	// TMPDIR, language, ATELIER_THREADS). Nothing else of the host's
	// environment reaches them.
	Env []string
	// Log gets what plugins log and print; nil: slog.Default.
	Log *slog.Logger

	// Deadlines of the start up to the handshake (20 s), of describe (10 s),
	// of each call (60 s) and of the whole of Close (5 s).
	Start, Describe, Call, Close time.Duration
}

// Supervisor runs plugins. Its methods may be called concurrently.
type Supervisor struct {
	cfg Config
	log *slog.Logger

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	busy   sync.WaitGroup // calls, and processes on their way out

	mu      sync.Mutex
	slots   map[string]*slot
	closed  bool
	sockets string        // the folder of sockets, made at the first start
	holder  *os.File      // its lock
	forker  chan<- func() // runs on the thread that starts processes
}

// New returns a supervisor. No process starts before it is needed.
func New(cfg Config) *Supervisor {
	for d, def := range map[*time.Duration]time.Duration{
		&cfg.Start: 20 * time.Second, &cfg.Describe: 10 * time.Second,
		&cfg.Call: time.Minute, &cfg.Close: 5 * time.Second,
	} {
		if *d <= 0 {
			*d = def
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Supervisor{cfg: cfg, log: cfg.Log, ctx: ctx, cancel: cancel, slots: map[string]*slot{}}
}

// Describe starts the plugin if need be and returns what it says about
// itself.
func (s *Supervisor) Describe(ctx context.Context, name string) (Info, error) {
	if err := s.begin(name); err != nil {
		return Info{}, err
	}
	defer s.busy.Done()
	p, err := s.acquire(ctx, name)
	if err != nil {
		return Info{}, err
	}
	return p.info, nil
}

// begin notes that a call begins, for Close to wait for; busy.Done ends it.
func (s *Supervisor) begin(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return &Error{Name: name, Err: ErrClosed}
	}
	s.busy.Add(1)
	return nil
}

// Close ends all plugins: it asks them, waits a little, kills those that are
// left, and removes their sockets. Calls in flight return an error. It takes
// no longer than Config.Close, and may be called again.
func (s *Supervisor) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	var running []*process
	for _, sl := range s.slots {
		if p := sl.current(); p != nil {
			running = append(running, p)
		}
	}
	s.mu.Unlock()
	s.cancel() // calls in flight end; processes about to start are killed
	for _, p := range running {
		s.end(p, s.cfg.Close/2)
	}
	done := make(chan struct{})
	go func() { s.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(s.cfg.Close):
		s.log.Error("plugins: some did not end in time", "after", s.cfg.Close)
	}
	if first {
		return s.removeSockets()
	}
	return nil
}

// end stops p in the background: at once if grace is 0, or when the plugin
// has not ended by itself within grace.
func (s *Supervisor) end(p *process, grace time.Duration) {
	s.busy.Add(1)
	go func() {
		defer s.busy.Done()
		p.stop(grace)
	}()
}
