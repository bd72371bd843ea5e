package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// Batch is a number of pictures to paint in one manner, or to enlarge.
type Batch struct {
	Items []BatchItem
	Many  bool // a folder, a pattern or several pictures: what is done is skipped

	e     *Engine
	paint func(photo *plan.Step, out string) *plan.Step
}

// BatchItem is one picture of a batch.
type BatchItem struct {
	Picture, Out string
	State        ItemState
	Err          error // of one that failed

	bytes int64 // of the picture's file: its share of the time
}

// ItemState is what happened to an item.
type ItemState uint8

// The states of an item.
const (
	Waiting ItemState = iota
	Painted
	Skipped // it was painted before in the same manner
	Failed
)

// BatchEvent tells how a batch goes on.
type BatchEvent struct {
	At, Of   int // the picture's number, from 1
	Item     *BatchItem
	Fraction float64 // of all that is to be painted, by the size of the files
	Skipped  int     // so far
	Step     *Event  // of the plan that is executed; nil when the item has ended
}

// Batch checks what is asked for, before any work: the wish, the names, and the
// style. Pictures that cannot be read are found only when their turn comes.
func (e *Engine) Batch(ctx context.Context, w Painting, args []string, out string) (*Batch, error) {
	paint, err := w.painted(e.Config.Seed)
	if err != nil {
		return nil, err
	}
	paths, many, err := pictures(args)
	if err != nil {
		return nil, err
	}
	return e.batch(ctx, paths, many, args, out, w.title(), paint)
}

// batch makes a batch of the pictures that were found; title is what a painting
// is called after in file names.
func (e *Engine) batch(ctx context.Context, paths []string, many bool, args []string, out, title string, paint func(photo *plan.Step, out string) *plan.Step) (*Batch, error) {
	outs, err := outputs(paths, many, args, out, title)
	if err != nil {
		return nil, err
	}
	b := &Batch{e: e, paint: paint, Many: many}
	for i, path := range paths {
		item := BatchItem{Picture: path, Out: outs[i]}
		if info, err := os.Stat(path); err == nil {
			item.bytes = info.Size()
		}
		b.Items = append(b.Items, item)
	}
	if !many {
		return b, nil
	}
	return b, b.check(ctx)
}

// check looks at what all paintings share with the first picture that can be
// read: an unknown style fails once, not for each picture.
func (b *Batch) check(ctx context.Context) error {
	for i := range b.Items {
		item := &b.Items[i]
		if _, err := b.e.Config.pictureLimits().Stat(item.Picture); err != nil {
			continue
		}
		_, err := b.plan(ctx, item)
		return err
	}
	return nil // each is told of in its turn
}

// plan gives the checked plan that paints an item.
func (b *Batch) plan(ctx context.Context, item *BatchItem) (*plan.Plan, error) {
	photo := recipe.Image(plan.Origin{}, item.Picture)
	return b.e.registry.Plan(ctx, recipe.Save(plan.Origin{}, b.paint(photo, item.Out), item.Out))
}

// Run paints what is not done, several pictures on their way at once, see
// conveyor. A picture that cannot be painted is marked, and the next one is
// painted; a full disk or ctrl-C ends the batch. The error is the gravest of all,
// nil if all are done. tell is called by one goroutine at a time; what it hears of
// the ends of pictures comes in their order.
func (b *Batch) Run(ctx context.Context, tell func(BatchEvent)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c := newConveyor(ctx, b, tell)
	c.stop = stop
	var all sync.WaitGroup
	for i := range b.Items {
		if !c.next(i) {
			break
		}
		all.Go(func() {
			state, err := b.one(ctx, c, i)
			c.end(i, state, err)
		})
	}
	all.Wait()
	return c.worst
}

// one paints one item, unless it is done, and gives its state. A crash, while the
// plan is checked for instance, is the item's error: it has a goroutine of its own,
// where a panic would end the program.
func (b *Batch) one(ctx context.Context, c *conveyor, i int) (state ItemState, err error) {
	defer func() {
		if v := recover(); v != nil {
			state, err = Failed, &plan.Crash{Value: v, Stack: debug.Stack()}
		}
	}()
	item := &b.Items[i]
	if err := ctx.Err(); err != nil {
		return Failed, err
	}
	p, err := b.plan(ctx, item)
	if err != nil {
		return Failed, err
	}
	if b.Many {
		switch made, found := madeBy(item.Out); {
		case found && made == p.Nodes[p.Nodes[p.Roots[0]].Inputs[0]].Hash.String():
			return Skipped, nil
		case found && made == "":
			return Failed, mark(errors.New(item.Out+" is there already and is no painting of ours: move it away or choose another folder"), errOutput)
		}
	}
	c.weigh(i, p)
	b.e.warm(p)
	turn := func(ctx context.Context, s *plan.Step) error { return c.turn(ctx, i, stageOf(s)) }
	if _, err := b.e.carryOut(ctx, p, nil, func(step Event) { c.progress(i, step) }, false, turn); err != nil {
		return Failed, err
	}
	return Painted, nil
}

// madeBy gives the hash of the step that made the picture in a file, "" if it is
// no picture of ours; found tells that there is a file.
func madeBy(path string) (hash string, found bool) {
	if _, err := os.Lstat(path); err != nil {
		return "", false
	}
	info, err := picture.Stat(path)
	if err != nil {
		return "", true
	}
	var doc plan.Provenance
	if json.Unmarshal([]byte(info.Meta[planKey]), &doc) != nil || len(doc.Steps) == 0 {
		return "", true
	}
	return doc.Steps[len(doc.Steps)-1].Hash, true
}

// endsBatch tells errors after which the other pictures would fail as well.
func endsBatch(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// graver gives the error that decides the exit code: an interruption before a
// defect, then what cannot be written, plugins, what is missing, and the input.
func graver(a, b error) error {
	rank := func(err error) int {
		for i, c := range []Class{Input, Usage, Missing, Plugin, Output, Internal, Interrupted} {
			if ClassOf(err) == c {
				return i + 1
			}
		}
		return 0
	}
	if a == nil || rank(b) > rank(a) {
		return b
	}
	return a
}

// Left gives the items that are not done.
func (b *Batch) Left() []BatchItem {
	var left []BatchItem
	for _, item := range b.Items {
		if item.State == Failed || item.State == Waiting {
			left = append(left, item)
		}
	}
	return left
}
