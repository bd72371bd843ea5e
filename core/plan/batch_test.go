package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// squares is arithmetic with the kind "square", which is done in batches of up
// to three, and "sum", which takes any number of inputs.
func squares(t *testing.T, batches *[]string, batch func(calls []*Call) ([]any, error)) (*Registry, *[]any) {
	kept := &[]any{}
	r := arithmetic(t, nil, kept)
	nothing := func(context.Context, *Step, []Facts) (Facts, error) { return Facts{}, nil }
	square := func(c *Call) any { return c.Inputs[0].(float64) * c.Inputs[0].(float64) }
	for _, k := range []Kind{
		{Name: "square", Output: "number", Takes: []Input{{Type: "number"}}, Batch: 3, Prepare: nothing,
			Run: func(_ context.Context, c *Call) (any, error) {
				*batches = append(*batches, fmt.Sprint(c.Inputs[0]))
				if c.Inputs[0] == 13.0 {
					return nil, errors.New("unlucky")
				}
				return square(c), nil
			},
			RunBatch: func(_ context.Context, calls []*Call) ([]any, error) {
				var out []any
				var names []string
				for _, c := range calls {
					out, names = append(out, square(c)), append(names, fmt.Sprint(c.Inputs[0]))
				}
				*batches = append(*batches, strings.Join(names, " "))
				if batch != nil {
					return batch(calls)
				}
				return out, nil
			}},
		{Name: "sum", Output: "number", Takes: []Input{{Type: "number", Many: true}}, Prepare: nothing,
			Run: func(_ context.Context, c *Call) (any, error) {
				sum := 0.0
				for _, v := range c.Inputs {
					sum += v.(float64)
				}
				return sum, nil
			}},
	} {
		if err := r.Register(k); err != nil {
			t.Fatal(err)
		}
	}
	return r, kept
}

func square(v float64) *Step { return New("square", nil, Origin{}, num(v, fmt.Sprint(v))) }
func keep(s *Step) *Step     { return New("keep", nil, Origin{}, s) }

// Steps whose inputs are at hand are done together, however they stand in the
// plan, and everything else is as if they had been done one at a time.
func TestBatches(t *testing.T) {
	var batches []string
	r, kept := squares(t, &batches, nil)
	one := num(1, "1")
	var roots []*Step
	for k := range 5 { // the same input: all are ready at the first
		roots = append(roots, keep(New("square", Params{"k": float64(k)}, Origin{}, one)))
	}
	roots = append(roots, keep(New("square", nil, Origin{}, square(3)))) // a chain cannot be done together
	p, err := r.Plan(context.Background(), roots...)
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	last := -1.0
	_, err = p.Run(context.Background(), Options{Cache: NewMemory(1 << 20), Progress: func(e Event) {
		if e.State == Done {
			events = append(events, fmt.Sprintf("%d/%d %s", e.At, e.Of, e.Step.Kind()))
		}
		if e.Fraction < last {
			t.Errorf("the fraction falls from %g to %g", last, e.Fraction)
		}
		last = e.Fraction
	}})
	if err != nil || last != 1 {
		t.Fatal(err, last)
	}
	if diff := cmp.Diff([]string{"1 1 1", "1 1", "3", "9"}, batches); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"1/15 num", "2/15 square", "3/15 square", "4/15 square", "5/15 keep", "6/15 keep", "7/15 keep",
		"8/15 square", "9/15 square", "10/15 keep", "11/15 keep", "12/15 num", "13/15 square", "14/15 square", "15/15 keep"}, events); diff != "" {
		t.Error(diff)
	}
	if len(*kept) != 12 || (*kept)[0] != 1.0 || (*kept)[10] != 81.0 {
		t.Error(*kept)
	}
	doc := fmt.Sprint((*kept)[3]) // each result has its own steps alone
	if strings.Count(doc, `"kind":"square"`) != 1 || !strings.Contains(doc, `{"k":1}`) {
		t.Error(doc)
	}
}

// A batch that gives nothing is done one at a time, and the error is that of the
// step which fails; one that fails is the error of its first step.
func TestBatchFails(t *testing.T) {
	line := func(n int, v float64) *Step { return New("square", nil, Origin{File: "r.lua", Line: n}, num(v, "x")) }
	for want, batch := range map[string]func([]*Call) ([]any, error){
		"r.lua:2: square: unlucky": func([]*Call) ([]any, error) { return nil, nil },
		"r.lua:1: square: torn":    func([]*Call) ([]any, error) { return nil, errors.New("torn") },
		"r.lua:1: square: the step crashed (out of reach): this is a defect of the program": func([]*Call) ([]any, error) { panic("out of reach") },
	} {
		var batches []string
		r, _ := squares(t, &batches, batch)
		all := New("sum", nil, Origin{}, num(2, "x"), num(13, "x"), line(1, 2), line(2, 13))
		p, err := r.Plan(context.Background(), all)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Run(context.Background(), Options{}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestManyInputs(t *testing.T) {
	var batches []string
	r, _ := squares(t, &batches, nil)
	var in []*Step
	for v := range 40 {
		in = append(in, num(float64(v), "x"))
	}
	p, err := r.Plan(context.Background(), New("sum", nil, Origin{}, in...))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := p.Run(context.Background(), Options{}); err != nil || out[0] != 780.0 {
		t.Error(out, err)
	}
	for want, s := range map[string]*Step{
		"sum: 0 inputs given": New("sum", nil, Origin{}),
		"sum: input 2 is the kept of step keep: a number is needed": New("sum", nil, Origin{}, num(1, "x"), keep(num(1, "x"))),
	} {
		if _, err := r.Plan(context.Background(), s); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
