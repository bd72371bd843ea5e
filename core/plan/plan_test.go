package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/picture"
)

// arithmetic is a registry of small kinds: "num" gives a number, "add" adds
// two, "keep" records what it was given.
func arithmetic(t testing.TB, runs *[]string, kept *[]any) *Registry {
	t.Helper()
	nothing := func(context.Context, *Step, []Facts) (Facts, error) { return Facts{}, nil }
	log := func(s *Step) {
		if runs != nil {
			*runs = append(*runs, s.Kind())
		}
	}
	r := &Registry{}
	kinds := []Kind{
		{Name: "num", Output: "number", Version: 1, Where: []string{"path"},
			Prepare: func(_ context.Context, s *Step, _ []Facts) (Facts, error) {
				v, ok := s.Number("value")
				if !ok {
					return Facts{}, errors.New("no value")
				}
				return Facts{Digests: map[string]string{"file": fmt.Sprint(v)}, W: 1, H: 1, Memory: 100}, nil
			},
			Run: func(_ context.Context, c *Call) (any, error) {
				log(c.Step)
				v, _ := c.Step.Number("value")
				c.Report(0.5)
				return v, nil
			}},
		{Name: "add", Output: "number", Takes: []Input{{Type: "number"}, {Type: "number", Optional: true}}, Prepare: nothing,
			Run: func(_ context.Context, c *Call) (any, error) {
				log(c.Step)
				sum := 0.0
				for _, v := range c.Inputs {
					sum += v.(float64)
				}
				return sum, nil
			}},
		{Name: "keep", Output: "kept", Effect: true, Takes: []Input{{Type: "number"}}, Prepare: nothing,
			Run: func(_ context.Context, c *Call) (any, error) {
				log(c.Step)
				doc, err := c.Provenance()
				if kept != nil {
					*kept = append(*kept, c.Inputs[0], string(doc))
				}
				return nil, err
			}},
		{Name: "burst", Output: "number", Prepare: nothing,
			Run: func(context.Context, *Call) (any, error) { panic("boom") }},
	}
	for _, k := range kinds {
		if err := r.Register(k); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func num(v float64, path string) *Step {
	return New("num", Params{"value": v, "path": path}, Origin{File: "some/where.lua", Line: 3})
}

func TestRunOrderAndMerging(t *testing.T) {
	var runs []string
	r := arithmetic(t, &runs, nil)
	// Two equal steps (the folder of the content is not part of them) run once.
	sum := New("add", nil, Origin{}, num(2, "a/x"), num(2, "b/x"))
	p, err := r.Plan(context.Background(), sum, sum)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Run(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{4.0, 4.0}, out); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"num", "add"}, runs); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsNameTheStep(t *testing.T) {
	here := Origin{File: "r.lua", Line: 7}
	r := arithmetic(t, nil, nil)
	for name, c := range map[string]struct {
		step *Step
		want string
	}{
		"unknown kind":  {New("ad", nil, here), `r.lua:7: ad: unknown kind of step "ad": did you mean "add"?`},
		"no input":      {New("add", nil, here), "r.lua:7: add: 0 inputs given: it takes 1 to 2 (number, number)"},
		"wrong input":   {New("add", nil, here, New("keep", nil, here, num(1, "a"))), "r.lua:7: add: input 1 is the kept of step keep: a number is needed"},
		"prepare":       {New("num", nil, Origin{}), "num: no value"},
		"crash":         {New("burst", nil, here), "r.lua:7: burst: the step crashed (boom): this is a defect of the program"},
		"inner problem": {New("keep", nil, Origin{}, New("num", nil, here)), "r.lua:7: num: no value"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := r.Plan(context.Background(), c.step)
			if err == nil {
				_, err = p.Run(context.Background(), Options{})
			}
			var e *Error
			if !errors.As(err, &e) || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestRegisterRefuses(t *testing.T) {
	r := arithmetic(t, nil, nil)
	for _, k := range []Kind{{}, {Name: "x"}, r.kinds["num"]} {
		if r.Register(k) == nil {
			t.Errorf("kind %q was accepted", k.Name)
		}
	}
}

func TestCacheSkipsWhatWasMade(t *testing.T) {
	var runs []string
	var kept []any
	r := arithmetic(t, &runs, &kept)
	cache := NewMemory(1 << 20)
	root := New("keep", nil, Origin{}, New("add", nil, Origin{}, num(1, "a"), num(2, "b")))
	for range 2 {
		p, err := r.Plan(context.Background(), root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(context.Background(), Options{Cache: cache}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"num", "num", "add", "keep", "keep"}, runs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(kept[:2], kept[2:]); diff != "" {
		t.Errorf("the second run differs: %s", diff)
	}
	p, _ := r.Plan(context.Background(), root)
	if e := p.Estimate(cache); e.Steps != 1 {
		t.Errorf("%d steps left to do, want 1", e.Steps)
	}
	if e := p.Estimate(nil); e.Steps != 4 || e.Memory < 100 {
		t.Errorf("estimate %+v", e)
	}
}

func TestProvenance(t *testing.T) {
	var kept []any
	r := arithmetic(t, nil, &kept)
	root := New("keep", nil, Origin{}, New("add", nil, Origin{}, num(1, "/home/someone/one.png"), num(5, "two.png")))
	p, err := r.Plan(context.Background(), root, num(9, "not part of it"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(context.Background(), Options{About: map[string]string{"program": "test"}}); err != nil {
		t.Fatal(err)
	}
	var doc Provenance
	if err := json.Unmarshal([]byte(kept[1].(string)), &doc); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, s := range doc.Steps {
		kinds = append(kinds, s.Kind)
	}
	if diff := cmp.Diff([]string{"num", "num", "add"}, kinds); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{1, 2}, doc.Steps[2].Inputs); diff != "" {
		t.Error(diff)
	}
	if got := doc.Steps[0]; got.Params["path"] != "one.png" || got.Origin != "where.lua:3" {
		t.Errorf("a folder is in the provenance: %+v", got)
	}
}

func TestCancelStops(t *testing.T) {
	r := arithmetic(t, nil, nil)
	p, err := r.Plan(context.Background(), New("add", nil, Origin{}, num(1, "a")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = p.Run(ctx, Options{Progress: func(e Event) {
		if e.State == Working {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "add: ") {
		t.Errorf("got %v", err)
	}
	if _, err := r.Plan(ctx, num(1, "a")); !errors.Is(err, context.Canceled) {
		t.Errorf("planning went on: %v", err)
	}
}

func TestProgressRises(t *testing.T) {
	r := arithmetic(t, nil, nil)
	p, err := r.Plan(context.Background(), New("add", nil, Origin{}, num(1, "a"), num(2, "b")))
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	_, err = p.Run(context.Background(), Options{Progress: func(e Event) {
		if e.Fraction < last || e.Fraction > 1 || e.Of != 3 {
			t.Errorf("fraction %v after %v, %d of %d", e.Fraction, last, e.At, e.Of)
		}
		last = e.Fraction
	}})
	if err != nil || last != 1 {
		t.Errorf("ended at %v: %v", last, err)
	}
}

func TestStepsAreImmutable(t *testing.T) {
	weights := map[string]float64{"happy": 1}
	s := New("x", Params{"emotion": weights}, Origin{})
	weights["happy"] = 0
	got, _ := s.Weights("emotion")
	got["sad"] = 1
	again, _ := s.Weights("emotion")
	if diff := cmp.Diff(map[string]float64{"happy": 1}, again); diff != "" {
		t.Error(diff)
	}
}

// Any two different parameter sets give different hashes, the same set the same.
func TestHashIsInjective(t *testing.T) {
	r := &Registry{}
	ok := func(context.Context, *Step, []Facts) (Facts, error) { return Facts{}, nil }
	run := func(context.Context, *Call) (any, error) { return nil, nil }
	for _, name := range []string{"a", "ab"} {
		if err := r.Register(Kind{Name: name, Prepare: ok, Run: run}); err != nil {
			t.Fatal(err)
		}
	}
	hash := func(t *rapid.T, kind string, p Params) Hash {
		plan, err := r.Plan(context.Background(), New(kind, p, Origin{}))
		if err != nil {
			t.Fatal(err)
		}
		return plan.Nodes[0].Hash
	}
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.MapOfN(rapid.StringMatching(`[a-c]{1,2}`), rapid.StringMatching(`[a-c":,]{0,3}`), 0, 3)
		kind := rapid.SampledFrom([]string{"a", "ab"})
		k1, k2, m1, m2 := kind.Draw(t, "k1"), kind.Draw(t, "k2"), gen.Draw(t, "m1"), gen.Draw(t, "m2")
		params := func(m map[string]string) Params {
			p := Params{}
			for k, v := range m {
				p[k] = v
			}
			return p
		}
		same := k1 == k2 && cmp.Equal(m1, m2)
		if (hash(t, k1, params(m1)) == hash(t, k2, params(m2))) != same {
			t.Fatalf("%s %v and %s %v", k1, m1, k2, m2)
		}
	})
}

func TestMemoryForgetsTheOldest(t *testing.T) {
	pic := func() any { return picture.New(8, 8) }
	m := NewMemory(2 * sizeOf(pic()))
	a, b, c := Hash{1}, Hash{2}, Hash{3}
	m.Put(a, pic())
	m.Put(b, pic())
	m.Get(a)
	m.Put(c, pic())
	var held []bool
	for _, h := range []Hash{a, b, c} {
		_, ok := m.Get(h)
		held = append(held, ok)
	}
	if diff := cmp.Diff([]bool{true, false, true}, held); diff != "" {
		t.Error(diff)
	}
	m.Put(Hash{4}, picture.New(1000, 1000))
	if _, ok := m.Get(Hash{4}); ok {
		t.Error("a value larger than the cache was kept")
	}
}

func TestNearest(t *testing.T) {
	styles := []string{"impressionism", "cubism", "popart", "sketch", "surrealism"}
	for name, want := range map[string][]string{
		"impresionism": {"impressionism"},
		"Cubsim":       {"cubism"},
		"pop":          {"popart"},
		"zzz":          nil,
		"":             nil,
	} {
		if diff := cmp.Diff(want, Nearest(name, styles)); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
	if got := Hint("x", nil); got != ": there is none" {
		t.Error(got)
	}
}
