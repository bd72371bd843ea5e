package training

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// sampled is a sampler of drawn faces, set as the shipped recipe sets it, and a
// configuration for a feeder of its batches.
func sampled(t testing.TB, dir string, side, batch int) (*faces.Sampler, TrainConfig) {
	t.Helper()
	c, err := ShippedConfig(Ladder)
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := faces.Prepare(context.Background(), faces.Options{Dir: dir, Cache: t.TempDir() + "/faces.pack"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Shape.Side, c.Batch = side, batch
	return faces.NewExpressive(set, c.Augment, c.Express, side), c
}

// ready is the batch of a step.
func ready(t testing.TB, f *feeder, step int) *batch {
	t.Helper()
	b, err := f.next(step)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestFeederPanics: faces that panic are the error of their step, and no end of the
// process; a batch that failed is used again.
func TestFeederPanics(t *testing.T) {
	s, c := sampled(t, facestest.WriteAligned(t, 24), 16, 5)
	s.Faces.Conds = nil
	f := newFeeder(s, c, 0)
	defer f.stop()
	for step := range 9 {
		b, err := f.next(step)
		if b != nil || err == nil || !strings.Contains(err.Error(), fmt.Sprintf("prepare step %d: ", step)) || !strings.Contains(err.Error(), "out of range") {
			t.Fatalf("step %d: %v", step, err)
		}
	}
}

// TestFeederDeterministic: a batch is the same whatever the number of workers
// and whichever step the feeder began at.
func TestFeederDeterministic(t *testing.T) {
	s, c := sampled(t, facestest.WriteAligned(t, 24), 16, 5)
	batches := func(workers, from int) (all []batch) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		f := newFeeder(s, c, from)
		defer f.stop()
		for step := from; step < 7; step++ {
			b := ready(t, f, step)
			all = append(all, batch{step: b.step, real: append([]float32(nil), b.real...), conds: append(b.conds[:0:0], b.conds...)})
			f.reuse(b)
		}
		return all
	}
	same := func(a, b []batch) {
		t.Helper()
		for i := range a {
			if a[i].step != b[i].step || !cmp.Equal(a[i].real, b[i].real) || !cmp.Equal(a[i].conds, b[i].conds) {
				t.Errorf("step %d gives two batches", a[i].step)
			}
		}
	}
	want := batches(1, 0)
	same(want, batches(5, 0))
	same(want[3:], batches(2, 3))
	for i := 1; i < len(want); i++ {
		if cmp.Equal(want[i].real, want[i-1].real) {
			t.Errorf("steps %d and %d get one batch", i-1, i)
		}
	}
	f := newFeeder(s, c, 0)
	defer f.stop()
	f.reuse(ready(t, f, 0))
	b := ready(t, f, 4) // as after a rollback
	same(want[4:5], []batch{{step: b.step, real: b.real, conds: b.conds}})
}

// BenchmarkFeeder makes the batches of the shipped recipe with all processors,
// of drawn faces, or of those of the pack that ATELIER_FACES names.
func BenchmarkFeeder(b *testing.B) {
	dir := os.Getenv("ATELIER_FACES")
	if dir == "" {
		dir = facestest.WriteAligned(b, 40)
	}
	s, c := sampled(b, dir, 128, 32)
	f := newFeeder(s, c, 0)
	defer f.stop()
	for step := 0; b.Loop(); step++ {
		f.reuse(ready(b, f, step))
	}
	b.ReportMetric(float64(c.Batch*b.N)/b.Elapsed().Seconds(), "faces/s")
}
