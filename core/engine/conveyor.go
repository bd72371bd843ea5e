package engine

import (
	"context"
	"sync"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// A conveyor carries the pictures of a batch through three stages: one picture is
// decoded while the one before it is painted and the one before that is encoded.
// Each stage holds one picture, and they pass in their order, so the pictures are
// those of a batch that does one after the other, and of two that fail the first
// one is told first. Pictures that were done before are in nobody's way.
type conveyor struct {
	b    *Batch
	tell func(BatchEvent)
	stop func() // ends the context of all
	ctx  context.Context

	mu    sync.Mutex
	moved *sync.Cond
	items []carried
	head  int // the first item whose end was not told

	all, done, skipped int64 // bytes of the items' files, for the fraction
	count              int   // of skipped ones
	stopped            bool
	worst              error
}

// carried is the state of one item.
type carried struct {
	stage  stage
	pixels int64 // the largest picture of its plan
	part   float64
	ended  bool
	state  ItemState
	err    error
}

// stage is how far an item is.
type stage uint8

const (
	planned stage = iota
	opening
	working
	saving
	gone
)

// conveyorPixels bounds the pictures that are on their way at once, so that the
// memory of the process is; a larger one goes alone.
const conveyorPixels = 32 << 20

func newConveyor(ctx context.Context, b *Batch, tell func(BatchEvent)) *conveyor {
	c := &conveyor{b: b, tell: tell, ctx: ctx, items: make([]carried, len(b.Items))}
	c.moved = sync.NewCond(&c.mu)
	for i := range b.Items {
		c.all += c.bytes(i)
	}
	return c
}

// stageOf tells which stage a step belongs to.
func stageOf(s *plan.Step) stage {
	switch s.Kind() {
	case recipe.KindImage:
		return opening
	case recipe.KindSave:
		return saving
	}
	return working
}

func (c *conveyor) bytes(i int) int64 { return c.b.Items[i].bytes + 1 }

// passed tells that an item was done before: it holds no stage, told or not. One
// that failed holds its own until that is told, so that what ends the batch ends it
// for all behind it.
func (it *carried) passed() bool { return it.ended && it.state == Skipped }

// next waits until item i may be planned: when the one before it is being decoded,
// or was found to be done. It reports false where the batch has ended.
func (c *conveyor) next(i int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i > 0 && c.items[i-1].stage < opening && !c.items[i-1].passed() && !c.stopped {
		c.moved.Wait()
	}
	return !c.stopped
}

// weigh notes how large the pictures of an item are.
func (c *conveyor) weigh(i int, p *plan.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range p.Nodes {
		c.items[i].pixels = max(c.items[i].pixels, int64(n.Facts.W)*int64(n.Facts.H))
	}
}

// turn waits until item i may enter a stage. One that it has left behind it may
// always use: a plan can open pictures after it has painted.
func (c *conveyor) turn(ctx context.Context, i int, to stage) error {
	defer context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.moved.Broadcast()
	})()
	c.mu.Lock()
	defer c.mu.Unlock()
	for ctx.Err() == nil && to > c.items[i].stage && !c.free(i, to) {
		c.moved.Wait()
	}
	if to > c.items[i].stage && ctx.Err() == nil {
		c.items[i].stage = to
		c.moved.Broadcast()
	}
	return ctx.Err()
}

// free tells whether a stage is free for item i.
func (c *conveyor) free(i int, to stage) bool {
	before := i - 1
	for before >= c.head && c.items[before].passed() {
		before--
	}
	if before >= c.head && c.items[before].stage <= to {
		return false
	}
	if c.items[i].stage > planned {
		return true
	}
	pixels := c.items[i].pixels
	for j := c.head; j < i; j++ { // what is before it was not told to have ended
		pixels += c.items[j].pixels
	}
	return c.head == i || pixels <= conveyorPixels
}

// progress tells of a step of item i: what its execution says if it is the first
// of those on their way, and what a person should know in any case.
func (c *conveyor) progress(i int, step Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[i].part = step.Fraction
	if !c.stopped && (i == c.head || step.State == Noted) {
		c.say(i, &step)
	}
}

// say tells an event of item i.
func (c *conveyor) say(i int, step *Event) {
	sum := float64(c.done - c.skipped)
	for j := c.head; j < len(c.items) && (c.items[j].stage > planned || c.items[j].passed()); j++ {
		sum += c.items[j].part * float64(c.bytes(j))
	}
	c.tell(BatchEvent{
		At: i + 1, Of: len(c.items), Item: &c.b.Items[i], Skipped: c.count, Step: step,
		Fraction: min(sum/float64(max(c.all-c.skipped, 1)), 1),
	})
}

// end notes how item i ended, and tells of all that have ended up to the first
// that has not.
func (c *conveyor) end(i int, state ItemState, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[i].ended, c.items[i].state, c.items[i].err = true, state, err
	for c.head < len(c.items) && c.items[c.head].ended && !c.stopped {
		c.settle()
	}
	c.moved.Broadcast()
}

// settle tells of the end of the first item, and lets the next ones go on.
func (c *conveyor) settle() {
	at := c.head
	it, item := &c.items[at], &c.b.Items[at]
	item.State, item.Err = it.state, it.err
	c.done += c.bytes(at)
	if it.state == Skipped {
		c.skipped += c.bytes(at)
		c.count++
	}
	c.head++
	it.stage = gone
	c.say(at, nil)
	if it.err == nil {
		return
	}
	c.worst = graver(c.worst, it.err)
	if c.ctx.Err() != nil || endsBatch(it.err) {
		c.stopped = true // the rest was not begun, as far as anybody can see
		c.stop()
	}
}
