package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// maxSteps bounds a plan: more is a recipe that loops by mistake.
const maxSteps = 100_000

// Hash identifies the result of a step: equal hashes, equal results.
type Hash [sha256.Size]byte

// String gives the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Node is a step that was checked, in its place in a plan.
type Node struct {
	Step   *Step
	Hash   Hash
	Inputs []int // places of the inputs in the plan, all smaller than its own
	Facts  Facts
	kind   Kind
}

// Plan is a checked graph in an order in which it can be executed.
type Plan struct {
	Nodes []*Node
	Roots []int // places of the steps that were asked for
}

// Plan checks the steps that lead to the roots and gives them in order. Two
// steps with the same hash become one. Nothing is computed yet. The error is
// an *Error that names the step.
func (r *Registry) Plan(ctx context.Context, roots ...*Step) (*Plan, error) {
	b := builder{registry: r, plan: &Plan{}, place: map[*Step]int{}, byHash: map[Hash]int{}}
	for _, root := range roots {
		at, err := b.add(ctx, root)
		if err != nil {
			return nil, err
		}
		b.plan.Roots = append(b.plan.Roots, at)
	}
	return b.plan, nil
}

type builder struct {
	registry *Registry
	plan     *Plan
	place    map[*Step]int
	byHash   map[Hash]int
}

// add puts a step and all that it needs into the plan. The walk keeps its own
// stack: a recipe can make chains longer than one would like to recurse.
func (b *builder) add(ctx context.Context, root *Step) (int, error) {
	stack := []*Step{root}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		if _, done := b.place[s]; done {
			stack = stack[:len(stack)-1]
			continue
		}
		ready := true
		for _, in := range slices.Backward(s.inputs) { // the first one ends on top
			if _, done := b.place[in]; !done {
				stack = append(stack, in)
				ready = false
			}
		}
		if !ready {
			continue
		}
		stack = stack[:len(stack)-1]
		if err := b.settle(ctx, s); err != nil {
			return 0, &Error{Step: s.kind, Origin: s.origin, Err: err}
		}
	}
	return b.place[root], nil
}

// settle checks one step whose inputs are placed, hashes it and places it.
func (b *builder) settle(ctx context.Context, s *Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	kind, err := b.registry.find(s)
	if err != nil {
		return err
	}
	n := &Node{Step: s, kind: kind}
	in := make([]Facts, len(s.inputs))
	for i, input := range s.inputs {
		at := b.place[input]
		n.Inputs = append(n.Inputs, at)
		in[i] = b.plan.Nodes[at].Facts
	}
	if n.Facts, err = kind.Prepare(ctx, s, in); err != nil {
		return err
	}
	if n.Hash, err = b.hash(n); err != nil {
		return err
	}
	if at, ok := b.byHash[n.Hash]; ok {
		b.place[s] = at
		return nil
	}
	if len(b.plan.Nodes) >= maxSteps {
		return errors.New("the plan has more than " + strconv.Itoa(maxSteps) + " steps: split the recipe")
	}
	b.byHash[n.Hash] = len(b.plan.Nodes)
	b.place[s] = len(b.plan.Nodes)
	b.plan.Nodes = append(b.plan.Nodes, n)
	return nil
}

// hash is the SHA-256 of the kind and its version, the parameters, the digests
// and the hashes of the inputs, each length-prefixed so that no two different
// steps write the same bytes.
func (b *builder) hash(n *Node) (Hash, error) {
	named := maps.Clone(n.Step.params)
	for _, name := range n.kind.Where {
		delete(named, name)
	}
	params, err := named.canonical()
	if err != nil {
		return Hash{}, fmt.Errorf("hash the parameters: %w", err)
	}
	sum := sha256.New()
	part := func(text string) { fmt.Fprintf(sum, "%d:%s", len(text), text) }
	part("atelier step 1")
	part(n.kind.Name)
	part(strconv.Itoa(n.kind.Version))
	part(string(params))
	for _, name := range slices.Sorted(maps.Keys(n.Facts.Digests)) {
		part(name)
		part(n.Facts.Digests[name])
	}
	part("inputs")
	for _, at := range n.Inputs {
		part(b.plan.Nodes[at].Hash.String())
	}
	return Hash(sum.Sum(nil)), nil
}

// Estimate is what a plan will roughly cost.
type Estimate struct {
	Steps  int
	Time   time.Duration
	Memory int64 // bytes, the largest need of one step with the results it keeps alive
}

// Estimate adds up the facts of the steps that the cache does not hold. cache
// may be nil.
func (p *Plan) Estimate(cache Cache) Estimate {
	need := p.needed(cache)
	var e Estimate
	for i, n := range p.Nodes {
		if !need[i] {
			continue
		}
		e.Steps++
		e.Time += n.Facts.Time
		memory := n.Facts.Memory + pictureBytes(n.Facts)
		for _, in := range n.Inputs {
			memory += pictureBytes(p.Nodes[in].Facts)
		}
		e.Memory = max(e.Memory, memory)
	}
	return e
}

func pictureBytes(f Facts) int64 {
	if f.Held > 0 {
		return f.Held
	}
	return int64(f.W) * int64(f.H) * 3 * 4
}

// needed marks the steps that must run: those that are asked for, directly or
// by others that must run, and that the cache does not hold. Nothing is loaded.
func (p *Plan) needed(cache Cache) []bool {
	need, want := make([]bool, len(p.Nodes)), make([]bool, len(p.Nodes))
	for _, root := range p.Roots {
		want[root] = true
	}
	for i, n := range slices.Backward(p.Nodes) {
		if !want[i] || cache != nil && !n.kind.Effect && cache.Has(n.Hash) {
			continue
		}
		need[i] = true
		for _, in := range n.Inputs {
			want[in] = true
		}
	}
	return need
}
