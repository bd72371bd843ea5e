package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/atelier-engine/atelier/core/engine"
)

// terminal reports whether a writer is a terminal.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// meter shows how a plan goes on: a bar on a terminal, a line for each step
// that takes time elsewhere, nothing with --quiet.
type meter struct {
	s     *session
	bars  *mpb.Progress
	bar   *mpb.Bar
	label atomic.Value // string; the bar is drawn by a goroutine of its own
	done  atomic.Int64 // of barUnits
	start time.Time    // of the bar
	noted map[string]bool

	pace  atomic.Value // string, of count
	begun int          // what was done before
	said  time.Time    // of the last line
}

// barUnits is the resolution of the bar.
const barUnits = 1000

func (s *session) meter() *meter { return &meter{s: s} }

// event is called by the engine.
func (m *meter) event(e engine.Event) {
	if m.s.cli.Quiet {
		return
	}
	if e.State == engine.Noted {
		m.once("atelier: note: " + e.Text)
		return
	}
	if !m.s.interactive {
		if e.State == engine.Done && e.Took >= time.Second {
			m.s.note("atelier: step %d of %d, %s, took %.1f s", e.At, e.Of, label(e.Step), e.Took.Seconds())
		}
		return
	}
	if e.State == engine.Started || m.bar == nil {
		m.label.Store(fmt.Sprintf("%d/%d %s", e.At, e.Of, label(e.Step)))
	}
	m.show(e.Fraction)
}

// show moves the bar.
func (m *meter) show(share float64) {
	if m.bar == nil {
		m.start = time.Now()
		m.open(decor.Any(func(decor.Statistics) string { return m.left() }, decor.WCSyncSpace))
	}
	m.done.Store(int64(share * barUnits))
	m.bar.SetCurrent(m.done.Load())
}

// once says a line that was not said before: many steps may note the same.
func (m *meter) once(line string) {
	if m.noted[line] {
		return
	}
	if m.noted == nil {
		m.noted = map[string]bool{}
	}
	m.noted[line] = true
	m.say(line)
}

// line says how it goes on where there is no bar.
func (m *meter) line(format string, args ...any) {
	if !m.s.interactive {
		m.s.note(format, args...)
	}
}

// say writes a line above the bar.
func (m *meter) say(line string) {
	if m.s.cli.Quiet {
		return
	}
	if m.bars != nil {
		fmt.Fprintln(m.bars, line)
		return
	}
	m.s.note("%s", line)
}

// close takes the bar away.
func (m *meter) close() {
	if m.bar != nil {
		m.bar.Abort(true)
		m.bars.Wait()
	}
}

// label names a step for people.
func label(s *engine.Step) string {
	if name := s.Text("name"); name != "" {
		return s.Kind() + " " + name
	}
	return s.Kind()
}
