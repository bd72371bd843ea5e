package device

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/atelier-engine/atelier/core/kernel"
)

// paired is a device on which a run ends only when a second one is under way. Once it is lost, runs fail
// as on a device that went away.
type paired struct {
	*CPU
	lost atomic.Bool
	pair chan struct{}
}

func (d *paired) Compile(g *Graph, w Weights) (Program, error) {
	p, err := d.CPU.Compile(g, w)
	return pairedProgram{p, d}, err
}

type pairedProgram struct {
	Program
	device *paired
}

func (p pairedProgram) Run(out, in []Tensor) error {
	select {
	case p.device.pair <- struct{}{}:
	case <-p.device.pair:
	case <-time.After(20 * time.Second):
		return errors.New("it ran alone")
	}
	if p.device.lost.Load() {
		return fmt.Errorf("paired: %w", ErrLost)
	}
	return p.Program.Run(out, in)
}

// counted counts what is compiled.
type counted struct {
	*CPU
	programs atomic.Int64
}

func (d *counted) Compile(g *Graph, w Weights) (Program, error) {
	d.programs.Add(1)
	return d.CPU.Compile(g, w)
}

// Runs overlap behind a fallback as without one. When two are lost together, both go on on one program, with the
// statistics that were frozen.
func TestFallbackOverlaps(t *testing.T) {
	g := NewGraph("overlap")
	g.Output(g.InstanceNorm("n", g.Input("x", Shape{C: 2}), kernel.ActNone, None))
	w := Weights{}
	for _, p := range g.Params() {
		a := Array{Shape: p.Shape, Data: make([]float32, p.Len())}
		for i := range a.Data {
			a.Data[i] = float32(i + 1)
		}
		w[p.Name] = a
	}
	first, second, told := &paired{CPU: NewCPU(), pair: make(chan struct{})}, &counted{CPU: NewCPU()}, 0
	d := WithFallback(first, func() (Device, error) { return second, nil }, func(error) { told++ })
	p, err := d.Compile(g, w)
	if err != nil {
		t.Fatal(err)
	}
	stats := Stats{{Mean: []float32{1, 2}, InvStd: []float32{.5, 2}}}
	if err := p.Freeze(stats); err != nil {
		t.Fatal(err)
	}
	in := Tensor{Data: []float32{1, 2, 3, 4}, N: 1, H: 1, W: 2, C: 2}
	alone, err := NewCPU().Compile(g, w)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]Tensor, 1)
	if err := errors.Join(alone.Freeze(stats), alone.Run(want, []Tensor{in})); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		first.lost.Store(round == 1)
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				out := make([]Tensor, 1)
				if err := p.Run(out, []Tensor{in}); err != nil {
					t.Errorf("round %d: %v", round, err)
					return
				}
				for i, v := range out[0].Data {
					if v != want[0].Data[i] {
						t.Errorf("round %d: %v, want %v", round, out[0].Data, want[0].Data)
						break
					}
				}
			})
		}
		all.Wait()
	}
	if n := second.programs.Load(); n != 1 || told != 1 || len(p.Stats()) != 1 {
		t.Errorf("%d programs elsewhere, told %d times, statistics %v", n, told, p.Stats())
	}
}
