package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// done stands for the pixels of an item that was painted before.
const done = -1

// carry sends items through a conveyor as Batch.Run does; work is called in each
// stage of those that are not done. It gives the places of the items whose ends were told.
func carry(ctx context.Context, pixels []int64, work func(i int, s stage) error) (told []int, c *conveyor) {
	b := &Batch{Items: make([]BatchItem, len(pixels))}
	last := 0.0
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c = newConveyor(ctx, b, func(e BatchEvent) {
		if e.Fraction < last {
			told = append(told, -1) // it falls
		}
		last = e.Fraction
		if e.Step == nil {
			if e.Item.State == Waiting || (e.Item.State == Failed) != (e.Item.Err != nil) {
				told = append(told, -2) // it has not ended, or not as it says
			}
			told = append(told, e.At-1)
		}
	})
	c.stop = stop
	var all sync.WaitGroup
	for i := range pixels {
		if !c.next(i) {
			break
		}
		all.Go(func() {
			if pixels[i] == done {
				c.end(i, Skipped, nil)
				return
			}
			c.mu.Lock()
			c.items[i].pixels = pixels[i]
			c.mu.Unlock()
			for s := opening; s < gone; s++ {
				err := c.turn(ctx, i, s)
				if err == nil {
					err = work(i, s)
				}
				if err != nil {
					c.end(i, Failed, err)
					return
				}
				c.progress(i, Event{Fraction: float64(s) / float64(gone)})
			}
			c.end(i, Painted, nil)
		})
	}
	all.Wait()
	return told, c
}

func TestConveyor(t *testing.T) {
	const n = 30
	pixels := make([]int64, n)
	for i := range pixels {
		if pixels[i] = 8 << 20; i%7 == 3 {
			pixels[i] = conveyorPixels + 1
		}
	}
	var in [gone]atomic.Int64
	var here, most, large atomic.Int64
	var mu sync.Mutex
	var order [gone][]int
	told, c := carry(context.Background(), pixels, func(i int, s stage) error {
		if in[s].Add(1) != 1 {
			t.Errorf("two pictures in stage %d", s)
		}
		if h := here.Add(1); h > most.Load() {
			most.Store(h)
		}
		if pixels[i] > conveyorPixels && here.Load() != 1 {
			large.Add(1)
		}
		mu.Lock()
		order[s] = append(order[s], i)
		mu.Unlock()
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		here.Add(-1)
		in[s].Add(-1)
		return nil
	})
	if c.worst != nil || len(told) != n {
		t.Fatalf("told %v, error %v", told, c.worst)
	}
	for i := range n {
		if told[i] != i || c.b.Items[i].State != Painted {
			t.Errorf("item %d is %d, told as %d", i, c.b.Items[i].State, told[i])
		}
		for s := opening; s < gone; s++ {
			if order[s][i] != i {
				t.Errorf("stage %d has the order %v", s, order[s])
			}
		}
	}
	if most.Load() < 2 || large.Load() != 0 {
		t.Errorf("%d pictures at once; %d times a large one with others", most.Load(), large.Load())
	}
}

// Pictures that are done do not keep those behind them from going on beside those
// before them.
func TestConveyorSkips(t *testing.T) {
	pixels := []int64{1, done, done, 1, done, 1, 1}
	opened, worked := make(chan bool), make(chan bool)
	wait := func(what string, c chan bool) error {
		select {
		case <-c:
			return nil
		case <-time.After(20 * time.Second):
			return errors.New(what)
		}
	}
	told, line := carry(context.Background(), pixels, func(i int, s stage) error {
		switch {
		case i == 0 && s == working:
			return wait("none is opened beside the first", opened)
		case i == 0 && s == saving:
			return wait("none is painted while the first is saved", worked)
		case i == 3 && s == opening:
			close(opened)
		case i == 3 && s == working:
			close(worked)
		}
		return nil
	})
	if line.worst != nil || !slices.Equal(told, []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("told %v, error %v", told, line.worst)
	}
	for i, item := range line.b.Items {
		if want := map[bool]ItemState{true: Skipped, false: Painted}[pixels[i] == done]; item.State != want {
			t.Errorf("item %d is %d, want %d", i, item.State, want)
		}
	}
}

// What fails for itself is marked and the rest goes on; a full disk and the end of
// the context end all, and nothing behind them is told or done.
func TestConveyorFails(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     stage
		err    error
		states string
	}{
		{"a broken picture", opening, errors.New("broken"), "pppfpppp"},
		{"a full disk", saving, syscall.ENOSPC, "pppfwwww"},
		{"a broken picture among some that are done", opening, errors.New("broken"), "pspfsppp"},
		{"a full disk at once", opening, syscall.ENOSPC, "pppfwwww"},
		{"a full disk behind one that is done", working, syscall.ENOSPC, "ppsfwwww"},
		{"a full disk for temporary files", working, syscall.ENOSPC, "pppfwwww"},
		{"ctrl-C", working, context.Canceled, "pppfwwww"},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		var saved atomic.Int64
		pixels := make([]int64, len(c.states))
		for i, state := range c.states {
			if state == 's' || state == 'w' && i == 4 { // the one behind what fails is done in any case
				pixels[i] = done
			}
		}
		told, line := carry(ctx, pixels, func(i int, s stage) error {
			if i == 3 && s == c.at {
				if c.err == context.Canceled {
					for saved.Load() < 3 {
						time.Sleep(time.Millisecond)
					}
					time.Sleep(5 * time.Millisecond)
					cancel()
				}
				return c.err
			}
			if i > 3 && s >= c.at && strings.HasSuffix(c.states, "w") {
				t.Errorf("%s: item %d comes to stage %d behind what ends the batch", c.name, i, s)
			}
			if s == saving {
				if i == 2 {
					time.Sleep(10 * time.Millisecond) // the next one fails meanwhile, and is not told
				}
				saved.Add(1)
			}
			return nil
		})
		cancel()
		states := ""
		for i, item := range line.b.Items {
			states += string("wpsf"[item.State])
			if i < len(told) && told[i] != i {
				t.Errorf("%s: told %v", c.name, told)
			}
		}
		if states != c.states || !errors.Is(line.worst, c.err) {
			t.Errorf("%s: %s with %v", c.name, states, line.worst)
		}
		if want := int64(strings.Count(c.states, "p")); saved.Load() != want {
			t.Errorf("%s: %d saved, want %d", c.name, saved.Load(), want)
		}
	}
}
