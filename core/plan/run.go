package plan

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"
)

// State is what happened to a step.
type State uint8

// The states of a step in an Event.
const (
	Started State = iota
	Working       // Part says how far
	Done
	Cached // taken from the cache
)

// Event tells how an execution goes on.
type Event struct {
	State    State
	Step     *Step
	At, Of   int           // the step's number, from 1, among those to run
	Part     float64       // of this step, 0 to 1
	Fraction float64       // of the whole plan, 0 to 1, by estimated time
	Took     time.Duration // with Done
}

// Options of an execution. The zero value is useful.
type Options struct {
	Cache    Cache             // nil: nothing is kept
	Progress func(Event)       // called from the goroutine that executes; nil: silence
	About    map[string]string // what else made the pictures (version, recipe's hash): goes into the provenance
}

// Run executes the plan and gives the results of the roots, in their order.
// Steps run one after the other: every kernel already uses all the cores. A
// result is dropped after its last use. The error is an *Error that names the
// step; when the context ends it wraps the context's error.
func (p *Plan) Run(ctx context.Context, o Options) ([]any, error) {
	x := execution{plan: p, options: &o, uses: make([]int, len(p.Nodes))}
	x.need, x.values = p.needed(o.Cache)
	for i, n := range p.Nodes {
		if x.need[i] {
			x.of++
			x.total += cost(n)
			for _, in := range n.Inputs {
				x.uses[in]++
			}
		}
	}
	for _, root := range p.Roots {
		x.uses[root]++
	}
	for i, n := range p.Nodes {
		if _, ok := x.values[i]; ok {
			x.report(n, Event{State: Cached})
		}
		if !x.need[i] {
			continue
		}
		if err := x.step(ctx, i, n); err != nil {
			return nil, &Error{Step: n.Step.kind, Origin: n.Step.origin, Err: err}
		}
	}
	results := make([]any, len(p.Roots))
	for i, root := range p.Roots {
		results[i] = x.values[root]
	}
	return results, nil
}

// execution is the state of one Run.
type execution struct {
	plan    *Plan
	options *Options
	need    []bool
	values  map[int]any
	uses    []int
	at, of  int
	done    time.Duration // estimated time of what is done
	total   time.Duration
}

// cost is the weight of a step in the fraction done; a step without an
// estimate still counts a little.
func cost(n *Node) time.Duration { return n.Facts.Time + time.Millisecond }

func (x *execution) step(ctx context.Context, i int, n *Node) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x.at++
	call := &Call{Step: n.Step, Facts: n.Facts, node: n, plan: x.plan, options: x.options}
	for _, in := range n.Inputs {
		call.Inputs = append(call.Inputs, x.values[in])
	}
	call.Report = func(part float64) {
		x.report(n, Event{State: Working, Part: min(max(part, 0), 1)})
	}
	x.report(n, Event{State: Started})
	start := time.Now()
	value, err := guarded(ctx, n.kind, call)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	x.report(n, Event{State: Done, Part: 1, Took: time.Since(start)})
	x.done += cost(n)
	x.values[i] = value
	if x.options.Cache != nil && !n.kind.Effect {
		x.options.Cache.Put(n.Hash, value)
	}
	for _, in := range n.Inputs {
		if x.uses[in]--; x.uses[in] == 0 {
			delete(x.values, in)
		}
	}
	return nil
}

func (x *execution) report(n *Node, e Event) {
	if x.options.Progress == nil {
		return
	}
	e.Step, e.At, e.Of = n.Step, x.at, x.of
	now := x.done + time.Duration(e.Part*float64(cost(n)))
	e.Fraction = float64(now) / float64(max(x.total, 1))
	x.options.Progress(e)
}

// Crash is a panic inside a step, kept from ending the program.
type Crash struct {
	Value any
	Stack []byte
}

func (c *Crash) Error() string {
	return fmt.Sprintf("the step crashed (%v): this is a defect of the program", c.Value)
}

func guarded(ctx context.Context, k Kind, c *Call) (value any, err error) {
	defer func() {
		if v := recover(); v != nil {
			value, err = nil, &Crash{Value: v, Stack: debug.Stack()}
		}
	}()
	return k.Run(ctx, c)
}
