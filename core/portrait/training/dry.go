package training

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/atelier-engine/atelier/core/portrait"
)

// Estimate is what a training of one size would be: see DryRun.
type Estimate struct {
	Side, Batch, Steps int
	Networks           []Network
	Work               float64       // floating-point operations of a step
	Memory             uint64        // bytes that networks, gradients and results take
	Step               time.Duration // measured just now, on this machine as busy as it is
}

// Network is a network that is trained.
type Network struct {
	Name   string
	Params int // trained numbers
}

// Whole is how long all its steps would take.
func (e Estimate) Whole() time.Duration { return time.Duration(e.Steps) * e.Step }

// DryRun builds the networks of every size that a training goes through and does
// steps on noise, which cost what real ones do but for the reading of
// photographs. It writes nothing. It ends early, with an error, when ctx does.
func DryRun(ctx context.Context, c TrainConfig) ([]Estimate, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var all []Estimate
	for _, rung := range c.rungs() {
		e, err := rung.estimate(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// The first step of a dry run allocates; the fastest of the others counts.
const drySteps = 3

func (c TrainConfig) estimate(ctx context.Context) (Estimate, error) {
	before := allocated()
	c.From = "" // other numbers would cost the same
	t, err := newGame(c, func(string, ...any) {})
	if err != nil {
		return Estimate{}, err
	}
	b := t.common()
	e := Estimate{Side: c.Shape.Side, Batch: c.Batch, Steps: c.Steps, Work: b.work()}
	e.Networks = append(e.Networks, Network{b.gen.Name, b.gen.Len()})
	for _, p := range b.judges {
		e.Networks = append(e.Networks, Network{p.Name, p.Len()})
	}
	r := rand.New(rand.NewPCG(c.Seed, 0))
	real, conds := make([]float32, c.Batch*c.Shape.Side*c.Shape.Side*3), make([]portrait.Condition, c.Batch)
	for i := range real {
		real[i] = float32(2*r.Float64() - 1)
	}
	for i := range conds {
		conds[i] = portrait.Condition{Age: 30, Gender: 1}
		conds[i].Emotions[r.IntN(len(portrait.Emotions))] = 1
	}
	for k := range drySteps {
		if err := ctx.Err(); err != nil {
			return Estimate{}, fmt.Errorf("estimate a training: %w", err)
		}
		start := time.Now()
		if _, err := t.step(c.Warmup+k, real, conds, r); err != nil { // behind the warm-up, where all learn
			return Estimate{}, err
		}
		if took := time.Since(start); k == 1 || k > 1 && took < e.Step {
			e.Step = took
		}
	}
	e.Memory = allocated() - before
	runtime.KeepAlive(t)
	return e, nil
}

// allocated is the memory in use, rubbish left out.
func allocated() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
