package autodiff

import (
	"errors"
	"strings"
	"testing"
)

func TestFeed(t *testing.T) {
	tape := NewTape()
	a, b := tape.Input("a", 2, 1, 1, 1), tape.Input("b", 1, 1, 1, 1)
	other := tape.Input("other", 1, 1, 1, 1)
	tape.Keep(tape.Add(a, a))
	bad := errors.New("no step 4")
	f := NewFeed(tape, func(step int, in map[string][]float32) error {
		if in["other"] != nil {
			t.Error("an input that was not named is filled")
		}
		in["a"][0], in["a"][1], in["b"][0] = float32(step), float32(2*step), float32(3*step)
		if step == 4 {
			return bad
		}
		return nil
	}, "a", "b")
	f.Stop() // before it began
	tape.Data("other")[0] = 7
	for _, step := range []int{2, 3, 5, 6, 3, 4, 5} {
		err := f.Next(step)
		if (err != nil) != (step == 4) || err != nil && !errors.Is(err, bad) {
			t.Fatalf("step %d: %v", step, err)
		}
		if err != nil {
			continue
		}
		v := float32(step)
		if x, y := tape.Value(a), tape.Value(b); x[0] != v || x[1] != 2*v || y[0] != 3*v || tape.Value(other)[0] != 7 {
			t.Errorf("step %d gets %v, %v", step, x, y)
		}
		if step == 6 {
			f.Stop()
			f.Stop()
		}
	}
	f.Stop()
	if NewFeed(tape, nil).free == nil || len((<-NewFeed(tape, nil).free).in) != 3 {
		t.Error("a feed without names does not feed all inputs")
	}
}

// TestFeedPanics: a panic while a step is prepared is that step's error, and no end
// of the process; the steps after it are there.
func TestFeedPanics(t *testing.T) {
	tape := NewTape()
	a := tape.Input("a", 1, 1, 1, 1)
	f := NewFeed(tape, func(step int, in map[string][]float32) error {
		to := in["a"]
		if step == 1 {
			to = nil
		}
		to[0] = float32(step)
		return nil
	})
	defer f.Stop()
	for step := range 3 {
		err := f.Next(step)
		if step == 1 {
			if err == nil || !strings.Contains(err.Error(), "prepare step 1: ") || !strings.Contains(err.Error(), "out of range") {
				t.Errorf("step 1 gives %v", err)
			}
		} else if err != nil || tape.Value(a)[0] != float32(step) {
			t.Errorf("step %d gives %v, %v", step, tape.Value(a), err)
		}
	}
}
