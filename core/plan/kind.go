package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
)

// Input says what one input of a kind of step must be.
type Input struct {
	Type     string // the Output of another kind, such as "picture"
	Optional bool
	Many     bool // the last input only: one or more of them
}

// Facts is what is known of a step before it runs.
type Facts struct {
	// Digests name what decides the result beside the parameters and the
	// inputs: the SHA-256 of a file, of weights, of a plugin. Hashed.
	Digests map[string]string
	// W and H are the size in pixels of a resulting picture, 0 if none.
	W, H int
	// Time and Memory (bytes) are rough estimates of the work.
	Time   time.Duration
	Memory int64
	// Held is what the result keeps in memory, in bytes; 0: 12 a pixel.
	Held int64
	// Own is what Prepare found out and Run needs; the plan does not look at it.
	Own any
}

// Call is one execution of a step.
type Call struct {
	Step   *Step
	Facts  Facts
	Inputs []any         // the results of the step's inputs
	Report func(float64) // tells the part of the work done, 0 to 1; never nil
	Note   func(string)  // tells what a person should know; never nil

	node    *Node
	plan    *Plan
	options *Options
}

// Kind says how the steps of one name are checked and done.
type Kind struct {
	Name    string
	Version int     // raise it when the same parameters begin to give another result
	Takes   []Input // what the inputs must be; optional ones last
	Output  string  // the type of the result
	// Where names the parameters that say where the content lies, not what it
	// is (the digests do): they are not hashed, and of a path only the last
	// element goes into the provenance.
	Where  []string
	Effect bool // the step changes the world (writes a file): it always runs

	// Prepare checks a step before any work and gives its facts. in holds the
	// facts of its inputs.
	Prepare func(ctx context.Context, s *Step, in []Facts) (Facts, error)
	// Run does the work. The result must not be changed afterwards by anyone.
	Run func(ctx context.Context, c *Call) (any, error)

	// Batch is how many steps of the kind, one after the other in a plan or not,
	// are best done together by RunBatch; up to 1: none. It gives the results of
	// the calls in their order, each the same as Run would give, or none to have
	// the steps done by Run: one of them has an error of its own.
	Batch    int
	RunBatch func(ctx context.Context, calls []*Call) ([]any, error)
}

// Registry holds the kinds of step that an engine can do.
type Registry struct {
	kinds map[string]Kind
}

// Register adds a kind. A kind without a name, without Prepare or Run, or with
// the name of another is refused.
func (r *Registry) Register(k Kind) error {
	if k.Name == "" || k.Prepare == nil || k.Run == nil {
		return fmt.Errorf("register kind of step %q: a name, Prepare and Run are needed", k.Name)
	}
	if _, ok := r.kinds[k.Name]; ok {
		return fmt.Errorf("register kind of step %q: the name is taken", k.Name)
	}
	if r.kinds == nil {
		r.kinds = map[string]Kind{}
	}
	r.kinds[k.Name] = k
	return nil
}

// Names gives the registered names, sorted.
func (r *Registry) Names() []string {
	names := make([]string, 0, len(r.kinds))
	for name := range r.kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// find gives the kind of a step after checking the types of its inputs.
func (r *Registry) find(s *Step) (Kind, error) {
	k, ok := r.kinds[s.kind]
	if !ok {
		return Kind{}, fmt.Errorf("unknown kind of step %q%s", s.kind, Hint(s.kind, r.Names()))
	}
	least, most := len(k.Takes), len(k.Takes)
	for least > 0 && k.Takes[least-1].Optional {
		least--
	}
	if most > 0 && k.Takes[most-1].Many {
		most = maxSteps
	}
	if n := len(s.inputs); n < least || n > most {
		var types []string
		for _, in := range k.Takes {
			types = append(types, in.Type)
		}
		return k, fmt.Errorf("%d inputs given: it takes %d to %d (%s)", n, least, most, strings.Join(types, ", "))
	}
	for i, in := range s.inputs {
		want := k.Takes[min(i, len(k.Takes)-1)].Type
		if got := r.kinds[in.kind].Output; got != want {
			return k, fmt.Errorf("input %d is the %s of step %s: a %s is needed", i+1, got, in.kind, want)
		}
	}
	return k, nil
}

// Error is the failure of one step, with the place that asked for it.
type Error struct {
	Step   string
	Origin Origin
	Err    error
}

func (e *Error) Error() string {
	text := e.Err.Error()
	var p *picture.Error
	if !errors.As(e.Err, &p) || !strings.HasPrefix(text, p.Op+" ") { // else it says already what was being done
		text = e.Step + ": " + text
	}
	if o := e.Origin.String(); o != "" {
		return o + ": " + text
	}
	return text
}

// Unwrap gives what went wrong inside the step.
func (e *Error) Unwrap() error { return e.Err }
