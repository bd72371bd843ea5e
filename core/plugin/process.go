package plugin

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/plugin/wire"
)

// process is a running plugin and the connection to it.
type process struct {
	name, path string
	child      *child
	client     *goplugin.Client
	conn       *grpc.ClientConn
	info       Info
	log        *logWriter
}

// start starts the plugin, connects and has it describe itself. When it
// returns an error, the process is gone or about to be.
func (s *Supervisor) start(ctx context.Context, name, path string) (*process, error) {
	if err := s.checkLock(name, path); err != nil {
		return nil, err
	}
	sockets, err := s.socketFolder()
	if err != nil {
		return nil, &Error{Name: name, Path: path, Err: err}
	}
	p := &process{name: name, path: path, log: newLogWriter(s.log.With("plugin", name))}
	p.child = newChild(path, p.log, s.fork)
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  wire.Handshake,
		VersionedPlugins: wire.Set(&wire.Service{}),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		StartTimeout:     s.cfg.Start + time.Second, // ours comes first
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       p.log,
		SyncStderr:       p.log,
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: sockets},
		GRPCDialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.MaxCallSendMsgSize(wire.MaxMessage))},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			cmd.Path, cmd.Args, cmd.Err = path, []string{path}, nil
			cmd.Env = append(s.environment(), cmd.Env...)
			p.child.cmd = cmd
			return p.child, nil
		},
	})
	if err := s.connect(ctx, p); err != nil {
		s.end(p, 0)
		return nil, err
	}
	if err := s.describe(ctx, p); err != nil {
		s.end(p, 0)
		return nil, err
	}
	s.log.Debug("plugin started", "plugin", name, "path", path, "version", p.info.Version)
	return p, nil
}

// connect goes as far as the connection stands. go-plugin cannot be told to
// stop waiting; but it does when the process is dead.
func (s *Supervisor) connect(ctx context.Context, p *process) error {
	limit, cancel := context.WithTimeout(ctx, s.cfg.Start)
	defer cancel()
	defer context.AfterFunc(limit, p.child.kill)()
	defer context.AfterFunc(s.ctx, p.child.kill)()

	raw, err := func() (any, error) {
		rpc, err := p.client.Client()
		if err != nil {
			return nil, err
		}
		return rpc.Dispense(wire.ServiceName)
	}()
	if err == nil && limit.Err() == nil {
		p.conn = raw.(*grpc.ClientConn)
		return nil
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.ctx.Err() != nil:
		return p.error(ErrClosed)
	case limit.Err() != nil:
		return p.error(fmt.Errorf("%w: no handshake within %v, so it was killed: is it an Atelier plugin?%s", ErrBroken, s.cfg.Start, p.log.quote()))
	}
	p.child.kill()
	switch text := err.Error(); {
	case strings.Contains(text, "incompatible API version"):
		return p.error(fmt.Errorf("%w: it speaks another version of the protocol: rebuild it with this version's core/plugin/sdk (%s)",
			ErrBroken, firstLine(text)))
	case p.child.refused() != nil:
		return p.error(fmt.Errorf("%w: the system cannot start it: %w", ErrBroken, p.child.refused()))
	case strings.Contains(text, "exited before") || strings.Contains(text, "Failed to read any lines"):
		return p.error(fmt.Errorf("%w: it ended (%s) before it was ready: is it an Atelier plugin for this machine?%s",
			ErrBroken, p.child.epitaph(), p.log.quote()))
	default:
		return p.error(fmt.Errorf("%w: no handshake: %s: is it an Atelier plugin?%s", ErrBroken, firstLine(text), p.log.quote()))
	}
}

func (s *Supervisor) describe(ctx context.Context, p *process) error {
	limit, cancel := context.WithTimeout(ctx, s.cfg.Describe)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	m, err := proto.NewPluginClient(p.conn).Describe(limit, &proto.DescribeRequest{})
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case s.ctx.Err() != nil:
		return p.error(ErrClosed)
	case limit.Err() != nil:
		return p.error(fmt.Errorf("%w: it did not describe itself within %v, so it was killed", ErrBroken, s.cfg.Describe))
	default:
		return p.error(fmt.Errorf("%w: it does not describe itself: %s%s", ErrBroken, message(err), p.log.quote()))
	}
	p.info = wire.InfoFrom(m)
	if err := p.info.Validate(); err != nil {
		return p.error(fmt.Errorf("%w: what it says about itself is not valid: %w", ErrBroken, err))
	}
	if p.info.Name != p.name {
		return p.error(fmt.Errorf("%w: it calls itself %q: rename the executable to that", ErrBroken, p.info.Name))
	}
	return nil
}

// stop ends the process: go-plugin may ask it to end, but after grace it is
// killed. It returns when all of it is gone.
func (p *process) stop(grace time.Duration) {
	if grace <= 0 {
		p.child.kill()
	}
	timer := time.AfterFunc(grace, p.child.kill)
	defer timer.Stop()
	p.client.Kill()
	if p.conn != nil {
		p.conn.Close()
	}
	p.log.flush()
}

func (p *process) error(err error) error { return &Error{Name: p.name, Path: p.path, Err: err} }

// usual are the variables of the host's environment that every plugin gets.
var usual = []string{
	"PATH", "HOME", "USER", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL", "TZ",
	"GOMAXPROCS", "GOMEMLIMIT", "ATELIER_THREADS", "ATELIER_ISA",
}

// environment is all of the host's environment that plugins see.
func (s *Supervisor) environment() []string {
	var env []string
	for _, k := range append(usual[:len(usual):len(usual)], s.cfg.Env...) {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	var data []string
	for _, d := range s.cfg.Data {
		if abs, err := filepath.Abs(d); err == nil {
			data = append(data, abs)
		}
	}
	return append(env,
		wire.EnvData+"="+strings.Join(data, string(os.PathListSeparator)),
		fmt.Sprintf("%s=%d", wire.EnvHost, os.Getpid()))
}

// fork runs start on the one thread that starts all plugins and lives as
// long as the supervisor (see holdThread).
func (s *Supervisor) fork(start func() error) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	if s.forker == nil {
		jobs := make(chan func())
		s.forker = jobs
		go func() {
			holdThread()
			for job := range jobs {
				job()
			}
		}()
	}
	done := make(chan error, 1)
	s.forker <- func() { done <- start() }
	s.mu.Unlock()
	return <-done
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
