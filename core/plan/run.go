package plan

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
)

// State is what happened to a step.
type State uint8

// The states of a step in an Event.
const (
	Started State = iota
	Working       // Part says how far
	Done
	Cached // taken from the cache
	Noted  // Text is what a person should know of the step
)

// Event tells how an execution goes on.
type Event struct {
	State    State
	Step     *Step
	At, Of   int           // the step's number, from 1, among those to run
	Part     float64       // of this step, 0 to 1
	Fraction float64       // of the whole plan, 0 to 1, by estimated time
	Took     time.Duration // with Done
	Text     string        // with Noted
}

// Options of an execution. The zero value is useful.
type Options struct {
	Cache    Cache             // nil: nothing is kept
	Progress func(Event)       // called from the goroutine that executes; nil: silence
	About    map[string]string // what else made the pictures (version, recipe's hash): goes into the provenance
	// Turn, unless nil, is called before each step and may make it wait, as for
	// executions of other plans at the same time. Its error is the step's.
	Turn func(ctx context.Context, s *Step) error
}

// Run executes the plan and gives the results of the roots, in their order.
// Steps run one after the other: every kernel already uses all the cores. A
// result is loaded from the cache at its first use and dropped after its last;
// a raster in a temporary file is then closed, and one that is a result is the
// caller's to close. The error is an *Error that names the step; when the
// context ends it wraps the context's error.
func (p *Plan) Run(ctx context.Context, o Options) (results []any, err error) {
	x := execution{plan: p, options: &o, uses: make([]int, len(p.Nodes)), ran: make([]bool, len(p.Nodes)), values: map[int]any{}}
	defer func() {
		for i, v := range x.values {
			if err != nil || !slices.Contains(p.Roots, i) {
				release(v)
			}
		}
	}()
	x.need = p.needed(o.Cache)
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
	for i := range p.Nodes {
		if x.need[i] && !x.ran[i] {
			if err := x.step(ctx, i); err != nil {
				return nil, err
			}
		}
	}
	results = make([]any, len(p.Roots))
	for i, root := range p.Roots {
		if results[i], err = x.value(ctx, root); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// execution is the state of one Run.
type execution struct {
	plan    *Plan
	options *Options
	need    []bool
	ran     []bool      // done already, with one before it
	values  map[int]any // what was made or loaded, and is still to be used
	uses    []int
	at, of  int
	done    time.Duration // estimated time of what is done
	total   time.Duration
}

// cost is the weight of a step in the fraction done; a step without an
// estimate still counts a little.
func cost(n *Node) time.Duration { return n.Facts.Time + time.Millisecond }

// value gives the result of step i: the one at hand, the cache's, or, when the
// cache lost or damaged it meanwhile, a new one.
func (x *execution) value(ctx context.Context, i int) (any, error) {
	if v, ok := x.values[i]; ok {
		return v, nil
	}
	n := x.plan.Nodes[i]
	if x.options.Cache != nil && !n.kind.Effect {
		if v, ok := x.options.Cache.Get(n.Hash); ok {
			x.values[i] = v
			x.report(n, Event{State: Cached})
			return v, nil
		}
	}
	x.of++
	x.total += cost(n)
	for _, in := range n.Inputs {
		x.uses[in]++
	}
	err := x.step(ctx, i)
	return x.values[i], err
}

// step executes step i, and with it others of its kind that can be done now. The
// error is an *Error.
func (x *execution) step(ctx context.Context, i int) error {
	n := x.plan.Nodes[i]
	if err := ctx.Err(); err != nil {
		return failed(n, err)
	}
	call, err := x.call(ctx, i)
	if err != nil {
		return err
	}
	if x.options.Turn != nil {
		if err := x.options.Turn(ctx, n.Step); err != nil {
			return failed(n, err)
		}
	}
	x.at++
	x.report(n, Event{State: Started})
	start := time.Now()
	if done, err := x.together(ctx, i, call, start); done || err != nil {
		return err
	}
	value, err := guarded(func() (any, error) { return n.kind.Run(ctx, call) })
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return failed(n, err)
	}
	x.finish(i, value, time.Since(start))
	return nil
}

// failed is the error of a step.
func failed(n *Node, err error) error {
	return &Error{Step: n.Step.kind, Origin: n.Step.origin, Err: err}
}

// call gathers what step i needs. The error is an *Error.
func (x *execution) call(ctx context.Context, i int) (*Call, error) {
	n := x.plan.Nodes[i]
	call := &Call{Step: n.Step, Facts: n.Facts, node: n, plan: x.plan, options: x.options}
	for _, in := range n.Inputs {
		v, err := x.value(ctx, in)
		if err != nil {
			return nil, err
		}
		call.Inputs = append(call.Inputs, v)
	}
	call.Report = func(part float64) {
		x.report(n, Event{State: Working, Part: min(max(part, 0), 1)})
	}
	call.Note = func(text string) { x.report(n, Event{State: Noted, Text: text}) }
	return call, nil
}

// finish keeps the result of step i and lets go of what it was made of.
func (x *execution) finish(i int, value any, took time.Duration) {
	n := x.plan.Nodes[i]
	x.report(n, Event{State: Done, Part: 1, Took: took})
	x.done += cost(n)
	x.ran[i] = true
	x.values[i] = value
	if x.options.Cache != nil && !n.kind.Effect {
		x.options.Cache.Put(n.Hash, value)
	}
	for _, in := range n.Inputs {
		if x.uses[in]--; x.uses[in] == 0 {
			release(x.values[in])
			delete(x.values, in)
		}
	}
}

// release frees the temporary file of a raster that is used no more. Rasters in
// memory are left to the collector: a cache may hold them.
func release(value any) {
	if r, ok := value.(*picture.Raster); ok && r.Held() == 0 {
		_ = r.Close() // nothing is lost with it
	}
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

func guarded[T any](run func() (T, error)) (value T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Crash{Value: v, Stack: debug.Stack()}
		}
	}()
	return run()
}
