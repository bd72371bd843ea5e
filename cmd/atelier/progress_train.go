package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	styletraining "github.com/atelier-engine/atelier/core/style/training"
)

// teacher shows how a training of networks goes on: on a terminal a bar with a
// table below it that is drawn anew every second, elsewhere a line now and then.
// News appear above the table.
type teacher struct {
	s    *session
	bars *mpb.Progress
	bar  *mpb.Bar

	mu      sync.Mutex // the table is drawn by a goroutine of its own
	label   string
	rows    []string
	means   map[string]trend
	saved   int
	savedAt time.Time
	line    time.Time // of the last line where there is no terminal
}

// tableRows are the lines below the bar; a training that has fewer leaves some empty.
const tableRows = 8

// lineEvery is the time between lines where there is no terminal.
const lineEvery = 10 * time.Second

func (s *session) teacher() *teacher { return &teacher{s: s, means: map[string]trend{}, saved: -1} }

// note tells news.
func (m *teacher) note(text string) {
	if m.bars != nil && !m.s.cli.Quiet {
		fmt.Fprintln(m.bars, text)
		return
	}
	m.s.note("%s", text)
}

// progress is told how far the training is.
func (m *teacher) progress(p styletraining.Progress) {
	if m.s.cli.Quiet {
		return
	}
	if !m.s.interactive {
		if now := time.Now(); now.Sub(m.line) >= lineEvery || p.Step == p.Steps {
			m.line = now
			m.note(plainLine(p))
		}
		return
	}
	m.mu.Lock()
	if p.Saved != m.saved {
		m.saved, m.savedAt = p.Saved, time.Now()
	}
	m.label = fmt.Sprintf("step %d of %d", p.Step, p.Steps)
	m.rows = m.table(p)
	m.mu.Unlock()
	if m.bar == nil {
		m.open()
	}
	// Never the whole: a larger size may follow, and the end of the bar is close.
	m.bar.SetCurrent(min(barUnits-1, int64(barUnits*float64(p.Step)/float64(max(1, p.Steps)))))
}

// table gives the rows below the bar: the losses by what they belong to, each
// with where it is heading, then speed and checkpoint.
func (m *teacher) table(p styletraining.Progress) []string {
	var rows []string
	for _, g := range summarise(p.Losses) {
		row := fmt.Sprintf("  %-14s", g.name)
		for _, v := range g.values {
			key := g.name + " " + v.label
			t, known := m.means[key]
			t.add(v.value, !known)
			m.means[key] = t
			row += fmt.Sprintf("%s %s%s  ", v.label, g.format(t.short), t.arrow())
		}
		rows = append(rows, row)
	}
	rows = rows[:min(len(rows), tableRows-2)]
	rows = append(rows, "  speed         "+speed(p))
	if p.Saved >= 0 {
		rows = append(rows, fmt.Sprintf("  checkpoint    step %d, %s ago", p.Saved, time.Since(m.savedAt).Round(time.Second)))
	}
	return rows
}

// speed is how fast a training goes and how long it will.
func speed(p styletraining.Progress) string {
	var parts []string
	if p.Pictures > 0 {
		parts = append(parts, fmt.Sprintf("%.3g pictures/s", p.Pictures))
	}
	if p.Work > 0 {
		parts = append(parts, fmt.Sprintf("%.3g GFLOP/s", p.Work/1e9))
	}
	if p.Pace > 0 {
		parts = append(parts, fmt.Sprintf("%.3g s a step", p.Pace.Seconds()))
	}
	return strings.Join(append(parts, p.Left.Round(time.Second).String()+" left"), ", ")
}

// plainLine is a report on one line.
func plainLine(p styletraining.Progress) string {
	var parts []string
	for _, g := range summarise(p.Losses) {
		var values []string
		for _, v := range g.values {
			values = append(values, v.label+" "+g.format(v.value))
		}
		text := strings.Join(values, ", ")
		if g.name != otherLosses {
			text = g.name + " " + text
		}
		parts = append(parts, text)
	}
	return fmt.Sprintf("step %d of %d, %s: %s", p.Step, p.Steps, speed(p), strings.Join(parts, "; "))
}

// open draws the bar and the table.
func (m *teacher) open() {
	fill := func(row int) mpb.BarFiller {
		return mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			text := ""
			if row < len(m.rows) {
				text = m.rows[row]
			}
			if r := []rune(text); st.AvailableWidth > 1 && len(r) >= st.AvailableWidth {
				text = string(r[:st.AvailableWidth-1])
			}
			_, err := fmt.Fprintln(w, text)
			return err
		})
	}
	var rows []mpb.BarFiller
	for row := range tableRows {
		rows = append(rows, fill(row))
	}
	m.bars = mpb.New(mpb.WithOutput(m.s.err), mpb.WithWidth(40), mpb.WithRefreshRate(time.Second))
	m.bar = m.bars.AddBar(barUnits, mpb.BarBtmExtender(rows...), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.label
		}, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Percentage()))
}

// close takes bar and table away and leaves their last state as lines.
func (m *teacher) close() {
	if m.bar == nil {
		return
	}
	m.bar.Abort(true)
	m.bars.Wait()
	m.bars, m.bar = nil, nil
	m.s.note("%s", m.label)
	for _, row := range m.rows {
		m.s.note("%s", row)
	}
}
