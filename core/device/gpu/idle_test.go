package gpu

import (
	"context"
	"testing"
	"time"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/training"
	"github.com/atelier-engine/atelier/core/style"
)

// idle is a driver that does nothing, at once: what is left is what the host does.
type idle struct {
	next     cuda.Ptr
	launches int
	copies   int
	bytes    int
}

func (m *idle) about() about {
	return about{model: "Idle", driver: 12020, major: 9, processors: 132, shared: 227 << 10, memory: 80 << 30}
}
func (m *idle) load(*module) error            { return nil }
func (m *idle) room() (int64, int64, error)   { return 80 << 30, 80 << 30, nil }
func (m *idle) free(cuda.Ptr) error           { return nil }
func (m *idle) pin(bytes int) ([]byte, error) { return make([]byte, bytes), nil }
func (m *idle) event() (event, error)         { return 0, nil }
func (m *idle) record(event, stream) error    { return nil }
func (m *idle) wait(stream, event) error      { return nil }
func (m *idle) over(event) (bool, error)      { return true, nil }
func (m *idle) alloc(bytes int) (cuda.Ptr, error) {
	m.next += 1 << 40
	return m.next, nil
}
func (m *idle) upload(_ cuda.Ptr, b []byte, _ stream) error {
	m.copies, m.bytes = m.copies+1, m.bytes+len(b)
	return nil
}
func (m *idle) download(b []byte, _ cuda.Ptr, _ stream) error {
	m.copies, m.bytes = m.copies+1, m.bytes+len(b)
	clear(b)
	return nil
}
func (m *idle) launch(*cuda.Launch, cuda.Ptr, stream) error { m.launches++; return nil }

// BenchmarkHost is what the host does in a step of the shipped portrait recipe, as if the GPU and its driver took no
// time. The copies are those of the first step too.
func BenchmarkHost(b *testing.B) {
	m := &idle{}
	card, err := newCard("gpu", func() (driver, error) { return m, nil }, kernelsFor)
	if err != nil {
		b.Fatal(err)
	}
	autodiff.Accelerate(card.at(device.TF32))
	defer autodiff.Accelerate(nil)
	benchLadder(b)
	b.ReportMetric(float64(m.launches)/float64(3*b.N), "launches/step")
	b.ReportMetric(float64(m.copies)/float64(3*b.N), "copies/step")
	b.ReportMetric(float64(m.bytes)/float64(3*b.N)/1e6, "MB/step")
}

// benchLadder reports the best time of a step of the shipped portrait recipe at its last size, where tapes run now,
// with a loss network of random weights.
func benchLadder(b *testing.B) {
	c, err := training.ShippedConfig(training.Ladder)
	if err != nil {
		b.Fatal(err)
	}
	g, err := style.FeatureGraph(style.Distilled, []string{"relu2_2", "relu3_4", "relu4_4"})
	if err != nil {
		b.Fatal(err)
	}
	c.Features = &portrait.Features{Graph: g, Weights: autodiff.NewParams(g, 1).Weights()}
	c.Grow, c.Data, c.Run = nil, b.TempDir(), b.TempDir()
	best := time.Hour
	for b.Loop() {
		e, err := training.DryRun(context.Background(), c)
		if err != nil {
			b.Fatal(err)
		}
		best = min(best, e[0].Step)
	}
	b.ReportMetric(float64(best.Microseconds())/1e3, "ms/step")
}
