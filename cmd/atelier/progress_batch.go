package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/atelier-engine/atelier/core/engine"
)

// batch shows how a batch goes on: one bar over all pictures with the time left,
// or, where there is no terminal, a line for each picture of many. A single
// picture is shown by the steps of its plan.
func (m *meter) batch(e engine.BatchEvent) {
	if m.s.cli.Quiet {
		return
	}
	name := filepath.Base(e.Item.Picture)
	if e.Step != nil && e.Step.State == engine.Noted {
		text := e.Step.Text
		if e.Of > 1 && !strings.HasPrefix(text, name) {
			text = name + ": " + text
		}
		m.say("atelier: note: " + text)
		return
	}
	if !m.s.interactive {
		switch {
		case e.Of == 1 && e.Step != nil:
			m.event(*e.Step)
		case e.Of > 1 && e.Step == nil && e.Item.State == engine.Painted:
			m.s.note("atelier: %d of %d, %s", e.At, e.Of, name)
		}
		return
	}
	m.label.Store(fmt.Sprintf("%d/%d %s", e.At, e.Of, name))
	m.show(e.Fraction)
}

// part gives what shows the share of one piece of work.
func (m *meter) part(name string) func(float64) {
	return func(share float64) {
		if m.s.cli.Quiet || !m.s.interactive {
			return
		}
		m.label.Store(name)
		m.show(share)
	}
}

// countEvery is how often count writes a line where there is no terminal.
const countEvery = 10 * time.Second

// count shows how many of many things are done: a bar on a terminal, a line
// now and then elsewhere, with the time left.
func (m *meter) count(things string, done, total int) {
	if m.s.cli.Quiet {
		return
	}
	now := time.Now()
	if m.start.IsZero() { // what was done before this call says nothing about the pace
		m.start, m.begun, m.said = now, done, now
	}
	m.label.Store(fmt.Sprintf("%d of %d %s", done, total, things))
	if m.s.interactive {
		if m.bar == nil {
			m.pace.Store("")
			m.open(decor.Any(func(decor.Statistics) string { return m.pace.Load().(string) }, decor.WCSyncSpace))
		}
		m.bar.SetCurrent(int64(done) * barUnits / int64(max(total, 1)))
	}
	took := now.Sub(m.start)
	pace := ""
	if n := done - m.begun; n > 0 && took >= time.Second {
		pace = fmt.Sprintf("%.0f a second, %s left", float64(n)/took.Seconds(), (time.Duration(float64(took) * float64(total-done) / float64(n))).Round(time.Second))
	}
	m.pace.Store(pace)
	if !m.s.interactive && (now.Sub(m.said) >= countEvery || done == total) {
		m.said = now
		m.s.note("atelier: %s%s", m.label.Load(), strings.TrimRight(", "+pace, ", "))
	}
}

// left says how long it will take at the pace so far.
func (m *meter) left() string {
	part := float64(m.done.Load()) / barUnits
	took := time.Since(m.start)
	if part < .01 || took < time.Second {
		return ""
	}
	return (time.Duration(float64(took) * (1 - part) / part)).Round(time.Second).String() + " left"
}

// open draws the bar, with more at its end.
func (m *meter) open(more ...decor.Decorator) {
	m.bars = mpb.New(mpb.WithOutput(m.s.err), mpb.WithWidth(40))
	m.bar = m.bars.AddBar(barUnits,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return m.label.Load().(string) }, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(append([]decor.Decorator{decor.Percentage()}, more...)...))
}
