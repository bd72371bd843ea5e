package style

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Part is one style of a blend.
type Part struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
}

// MaxWeight is the largest weight that a style of a blend may be given.
const MaxWeight = 1000

// blendName is the style of a plan that is a blend.
const blendName = "blend"

// ParseMix reads a style or a blend of styles: names, each with a weight if there
// are several, as in "cubism", "cubism+popart" or "cubism:0.6+popart:0.4". A
// weight that is not given is 1. The weights are shares: they are divided by
// their sum, so that "a:3+b:1" is three quarters of a, and "a:0.5" is a; how
// strongly all of it is painted is said by the intensity.
func ParseMix(text string) ([]Part, error) {
	fail := func(format string, args ...any) ([]Part, error) {
		return nil, fmt.Errorf("style %.120q: "+format+": write name or name:weight+name:weight, such as cubism:0.6+popart:0.4", append([]any{text}, args...)...)
	}
	if strings.TrimSpace(text) == "" {
		return fail("it is empty")
	}
	words := strings.Split(text, "+")
	if len(words) > MaxParts {
		return fail("%d styles, at most %d can be blended", len(words), MaxParts)
	}
	var parts []Part
	sum := 0.0
	for i, word := range words {
		name, number, given := strings.Cut(word, ":")
		p := Part{Name: strings.TrimSpace(name), Weight: 1}
		if p.Name == "" {
			return fail("part %d has no name", i+1)
		}
		if err := CheckName(p.Name); err != nil {
			return fail("part %d: %w", i+1, err)
		}
		if given {
			w, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			if err != nil {
				return fail("the weight %.40q of %s is not a number", number, p.Name)
			}
			p.Weight = w
		}
		if !(p.Weight > 0 && p.Weight <= MaxWeight) {
			return fail("the weight of %s is %g, not above 0 and at most %d", p.Name, p.Weight, MaxWeight)
		}
		if slices.ContainsFunc(parts, func(q Part) bool { return q.Name == p.Name }) {
			return fail("%s is named twice", p.Name)
		}
		parts = append(parts, p)
		sum += p.Weight
	}
	for i := range parts {
		parts[i].Weight /= sum
	}
	return parts, nil
}

// checkParts refuses what ParseMix could not have made.
func checkParts(parts []Part) error {
	if len(parts) > MaxParts {
		return fmt.Errorf("%d styles: at most %d can be blended", len(parts), MaxParts)
	}
	for i, p := range parts {
		if err := CheckName(p.Name); err != nil {
			return fmt.Errorf("part %d: %w", i+1, err)
		}
		if !(p.Weight > 0 && p.Weight <= MaxWeight) {
			return fmt.Errorf("part %d: weight %g: use more than 0 and at most %d", i+1, p.Weight, MaxWeight)
		}
	}
	return nil
}

// Blend makes one plan of several. Weights are shares and are divided by their
// sum. The vector is identity + Σ w·(v - identity), a style without a network
// being the identity; the steps of all are done, each to its share, and a kernel
// that several use once with the means of its parameters.
func (s *Stylizer) Blend(plans []Plan, weights []float64) (Plan, error) {
	fail := func(format string, args ...any) (Plan, error) {
		return Plan{}, fmt.Errorf("blend styles: "+format, args...)
	}
	if len(plans) == 0 || len(plans) != len(weights) || len(plans) > MaxParts {
		return fail("%d styles and %d weights: give one weight a style, 1 to %d of them", len(plans), len(weights), MaxParts)
	}
	sum := 0.0
	for i, w := range weights {
		if !(w > 0 && w <= MaxWeight) {
			return fail("the weight of %s is %g: use more than 0 and at most %d", plans[i].Style, w, MaxWeight)
		}
		if err := plans[i].Validate(); err != nil {
			return fail("%w", err)
		}
		sum += w
	}
	if len(plans) == 1 {
		return plans[0], nil
	}
	out := Plan{Style: blendName}
	var titles []string
	var base float64
	for i := range plans {
		p, w := &plans[i], weights[i]/sum
		out.Mixed = append(out.Mixed, Part{p.Style, w})
		titles = append(titles, fmt.Sprintf("%s %.0f%%", p.Style, 100*w))
		for _, c := range p.Credits {
			if !slices.Contains(out.Credits, c) && len(out.Credits) < MaxCredits {
				out.Credits = append(out.Credits, c)
			}
		}
		if p.Network == "" {
			base += w * BaseSide
			continue
		}
		if s.prog == nil || s.name != "" && p.Network != s.name {
			return fail("style %q wants the network %q, which is not the one that is loaded: blend styles of one network", p.Style, p.Network)
		}
		v, b, err := s.vector(p)
		if err != nil {
			return fail("%w", err)
		}
		if out.Vector == nil {
			out.Network, out.Vector = p.Network, slices.Clone(s.identity)
		}
		base += w * float64(b)
		for k := range v {
			out.Vector[k] += float32(w) * (v[k] - s.identity[k])
		}
	}
	if out.Network != "" {
		out.Base = int(math.Round(base))
	}
	out.Title = strings.Join(titles, ", ")
	out.Pre = blendSteps(plans, weights, sum, func(p *Plan) []Step { return p.Pre })
	out.Post = blendSteps(plans, weights, sum, func(p *Plan) []Step { return p.Post })
	if len(out.Pre) > MaxSteps || len(out.Post) > MaxSteps {
		return fail("more than %d steps: blend fewer styles", MaxSteps)
	}
	if err := errors.Join(out.Validate(), out.CheckSteps()); err != nil {
		return fail("%w", err)
	}
	return out, nil
}

// sharedStep is a step of a blend: the sums over the styles that use it.
type sharedStep struct {
	kernel string
	nth    int // of this kernel in a style
	weight float64
	amount float64
	params map[string]float64 // each times the weight
}

// blendSteps merges lists of steps: the n-th use of a kernel in one list is one
// step with the n-th in another. What only one list has stands before the next
// step that the lists share.
func blendSteps(plans []Plan, weights []float64, sum float64, of func(*Plan) []Step) []Step {
	var list []*sharedStep
	for i := range plans {
		w, at := weights[i]/sum, 0 // where the next step goes if it is new
		uses := map[string]int{}
		steps := of(&plans[i])
		for k, st := range steps {
			nth := uses[st.Kernel]
			uses[st.Kernel]++
			same := func(s *sharedStep) bool { return s.kernel == st.Kernel && s.nth == nth }
			found := slices.IndexFunc(list, same)
			if found < 0 {
				found = insertAt(list, steps[k+1:], uses, at)
				list = slices.Insert(list, found, &sharedStep{kernel: st.Kernel, nth: nth, params: map[string]float64{}})
			}
			list[found].add(st, w)
			at = found + 1
		}
	}
	var out []Step
	for _, s := range list {
		params := maps.Clone(s.params)
		for name := range params {
			params[name] /= s.weight
		}
		params["amount"] = min(s.amount, 1)
		out = append(out, Step{Kernel: s.kernel, Params: params})
	}
	return out
}

// insertAt is the place of a new step: before the first of the steps that come
// after it and are in the list, but not before at; else at the end.
func insertAt(list []*sharedStep, rest []Step, uses map[string]int, at int) int {
	ahead := maps.Clone(uses)
	for _, st := range rest {
		nth := ahead[st.Kernel]
		ahead[st.Kernel]++
		if i := slices.IndexFunc(list, func(s *sharedStep) bool { return s.kernel == st.Kernel && s.nth == nth }); i >= at {
			return i
		}
	}
	return len(list)
}

// add counts one use of the step with the share w of its style.
func (s *sharedStep) add(st Step, w float64) {
	s.weight += w
	amount := 1.0
	for _, p := range stepKernels[st.Kernel].Params {
		v, ok := st.Params[p.Name]
		if !ok {
			v = p.Default
		}
		if p.Name == "amount" {
			amount = v
			continue
		}
		s.params[p.Name] += w * v
	}
	s.amount += w * amount
}
