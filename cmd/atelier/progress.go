package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
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
	start time.Time    // of a batch

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
		m.say("atelier: note: " + e.Text)
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
	if m.bar == nil {
		m.open()
	}
	m.bar.SetCurrent(int64(e.Fraction * barUnits))
}

// say writes a line above the bar.
func (m *meter) say(line string) {
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
