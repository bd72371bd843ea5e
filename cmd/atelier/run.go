package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// session is what a command works with.
type session struct {
	ctx         context.Context
	out, err    io.Writer
	cli         *cli
	kong        *kong.Kong
	interactive bool // err is a terminal
}

// exit is panicked by kong when --help has been printed.
type exit int

// run is the whole program but for the process: it parses the arguments, does
// the command and gives the exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) (code int) {
	s := &session{ctx: ctx, out: out, err: errs, cli: &cli{}, interactive: terminal(errs)}
	defer func() {
		if v := recover(); v != nil {
			if e, ok := v.(exit); ok {
				code = int(e)
			} else {
				code = s.fail(&engine.Crash{Value: v, Stack: debug.Stack()})
			}
		}
	}()
	parser, err := newParser(s)
	if err != nil {
		return s.fail(err)
	}
	s.kong = parser
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return s.fail(engine.Usagef("%w: see atelier --help", err))
	}
	return s.fail(parsed.Run(s))
}

func newParser(s *session) (*kong.Kong, error) {
	return kong.New(s.cli,
		kong.Name("atelier"),
		kong.Description("A sentence becomes a portrait, a portrait or a photograph becomes a painting.\n\n"+
			"More: atelier help recipes, atelier help config, atelier help plugins, atelier help exit-codes."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.NamedMapper("existing", kong.MapperFunc(existing)),
		kong.Vars{
			"maxage": fmt.Sprint(engine.MaxAge), "minage": fmt.Sprint(engine.MinAge),
			"maxintensity": fmt.Sprint(engine.MaxIntensity),
			"minstroke":    fmt.Sprint(engine.MinStroke), "maxstroke": fmt.Sprint(engine.MaxStroke),
			"maxrefine": fmt.Sprint(engine.MaxRefine), "maxsteps": fmt.Sprint(engine.MaxSteps),
			"emotions": strings.Join(engine.Emotions(), ", "),
			"formats":  strings.Join(faces.Formats(), ", "), "facesside": fmt.Sprint(faces.DefaultSide),
		},
	)
}

// existing reads the name of a file or a folder that is there.
func existing(ctx *kong.DecodeContext, target reflect.Value) error {
	var path string
	if err := ctx.Scan.PopValueInto("path", &path); err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return err
	}
	target.SetString(path)
	return nil
}

// fail prints an error as one line and gives its exit code.
func (s *session) fail(err error) int {
	class := engine.ClassOf(err)
	if class == engine.OK {
		return 0
	}
	text := err.Error()
	if class == engine.Interrupted && s.ctx.Err() != nil {
		text = "interrupted: nothing half-written is left"
		if more := beside(err); len(more) > 0 {
			text = "interrupted: " + errors.Join(more...).Error()
		}
	}
	fmt.Fprintln(s.err, "atelier: "+strings.ReplaceAll(strings.TrimSpace(text), "\n", "; "))
	var crash *engine.Crash
	if errors.As(err, &crash) {
		fmt.Fprintf(s.err, "%s\n", crash.Stack)
	}
	return int(class)
}

// beside gives what was joined to the error of a context that ended: what
// failed while the work was being stopped.
func beside(err error) []error {
	stopped := func(err error) bool {
		return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	}
	if !stopped(err) {
		return []error{err}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return beside(e.Unwrap())
	case interface{ Unwrap() []error }:
		var texts []string
		for _, part := range e.Unwrap() {
			texts = append(texts, part.Error())
		}
		joined := strings.Join(texts, "\n") == err.Error() // else the other parts are its kind, not failures
		var more []error
		for _, part := range e.Unwrap() {
			if joined || stopped(part) {
				more = append(more, beside(part)...)
			}
		}
		return more
	}
	return nil
}

// open puts the engine together as the flags say.
func (s *session) open() (*engine.Engine, error) {
	return engine.Open(engine.Options{Config: s.cli.Engine, Log: s.err, Level: s.cli.LogLevel, Threads: s.cli.Threads, Device: s.cli.Device, Precision: s.cli.Precision})
}

// with opens the engine, calls f and closes it.
func (s *session) with(f func(*engine.Engine) error) error {
	e, err := s.open()
	if err != nil {
		return err
	}
	return errors.Join(f(e), e.Close())
}

// withDevice is with for work that trains: the device is opened first, and what
// trains from then on does so there.
func (s *session) withDevice(f func(*engine.Engine) error) error {
	return s.with(func(e *engine.Engine) error {
		if _, err := e.Computer(); err != nil {
			return err
		}
		return f(e)
	})
}

// printf writes a line of result.
func (s *session) printf(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}

// note writes a line of news, unless --quiet.
func (s *session) note(format string, args ...any) {
	if !s.cli.Quiet {
		fmt.Fprintf(s.err, format+"\n", args...)
	}
}
