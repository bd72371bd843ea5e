package style

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
)

// StepKernel is something the host can do to a picture before or after the
// network. Plans name it; they bring no code.
type StepKernel struct {
	Name   string
	Doc    string
	Params []StepParam

	run func(p *picture.Picture, v values)
}

// StepParam is a number that a kernel takes. Lengths are in parts of the
// picture's shorter side, so that a small and a large copy look alike.
type StepParam struct {
	Name              string
	Doc               string
	Min, Max, Default float64
}

// values are the parameters of one call, defaults filled in.
type values map[string]float64

// stepKernels is filled here and never changed, so it needs no lock.
var stepKernels = map[string]StepKernel{}

func init() {
	amount := StepParam{"amount", "share of the effect that is mixed in", 0, 1, 1}
	for _, k := range []StepKernel{
		{"flatten", "smooth areas, keep edges", []StepParam{
			{"radius", "size of the areas", 0.001, 0.1, 0.01},
			{"edge", "difference of brightness that counts as an edge", 0.005, 0.5, 0.08},
			amount}, flatten},
		{"posterise", "print in few flat inks", []StepParam{
			{"levels", "steps of brightness", 2, 16, 4},
			{"soft", "share of a step that stays gradual", 0, 1, 0.15},
			amount}, posterise},
		{"inks", "print in the flat inks of a comic", []StepParam{
			{"colour", "how much colours are strengthened before", 0, 3, 1.6},
			{"soft", "softness of the borders between inks", 0.02, 1, 0.12},
			amount}, printInks},
		{"facets", "break the picture into shaded planes", []StepParam{
			{"size", "size of the planes", 0.01, 0.3, 0.06},
			{"edge", "how closely planes follow the colours", 0, 10, 1.5},
			{"shade", "difference of light across a plane", 0, 1, 0.3},
			amount}, facets},
		{"dabs", "paint with dabs of a brush along the contours", []StepParam{
			{"size", "distance of the dabs", 0.004, 0.1, 0.014},
			{"length", "how long a dab is", 1, 3, 1.5},
			{"vary", "difference of light and warmth between dabs", 0, 0.5, 0.06},
			amount}, dabs},
		{"saturate", "strengthen or weaken colours and contrast", []StepParam{
			{"colour", "factor of the colour", 0, 3, 1.3},
			{"contrast", "factor of the contrast around mid grey", 0, 3, 1},
			amount}, saturate},
		{"dots", "print mid-tones as Ben-Day dots", []StepParam{
			{"pitch", "distance of the dots", 0.004, 0.1, 0.014},
			{"angle", "direction of the rows, radians", -3.15, 3.15, 0.35},
			{"dark", "brightness below which no dots are printed", 0, 1, 0.35},
			{"light", "brightness above which no dots are printed", 0, 1, 0.95},
			amount}, benDay},
		{"outline", "draw dark lines along edges", []StepParam{
			{"width", "width of the lines", 0.0005, 0.03, 0.004},
			{"threshold", "how clear an edge must be", 0, 0.5, 0.02},
			{"sharp", "how suddenly a line starts", 1, 500, 60},
			amount}, outline},
	} {
		stepKernels[k.Name] = k
	}
}

// StepKernels lists what plans may name, by name.
func StepKernels() []StepKernel {
	ks := make([]StepKernel, 0, len(stepKernels))
	for _, k := range stepKernels {
		ks = append(ks, k)
	}
	sort.Slice(ks, func(i, j int) bool { return ks[i].Name < ks[j].Name })
	return ks
}

// CheckStep returns an error unless the kernel and its parameters are known
// and every number is in its range.
func CheckStep(s Step) error {
	_, _, err := s.resolve()
	return err
}

func (s Step) resolve() (StepKernel, values, error) {
	k, ok := stepKernels[s.Kernel]
	if !ok {
		var names []string
		for _, k := range StepKernels() {
			names = append(names, k.Name)
		}
		return k, nil, fmt.Errorf("step %.80q is unknown: use %s", s.Kernel, strings.Join(names, ", "))
	}
	v := values{}
	for _, p := range k.Params {
		v[p.Name] = p.Default
	}
	for name, x := range s.Params {
		if _, ok := v[name]; !ok {
			var names []string
			for _, p := range k.Params {
				names = append(names, p.Name)
			}
			return k, nil, fmt.Errorf("step %s has no parameter %.80q: use %s", k.Name, name, strings.Join(names, ", "))
		}
		v[name] = x
	}
	for _, p := range k.Params {
		if x := v[p.Name]; !(x >= p.Min && x <= p.Max) {
			return k, nil, fmt.Errorf("step %s: %s is %g: use %g to %g", k.Name, p.Name, x, p.Min, p.Max)
		}
	}
	return k, v, nil
}

// CheckSteps returns an error that names the first step of p that the host
// cannot do.
func (p *Plan) CheckSteps() error {
	for _, part := range []struct {
		name  string
		steps []Step
	}{{"pre", p.Pre}, {"post", p.Post}} {
		for i, s := range part.steps {
			if err := CheckStep(s); err != nil {
				return fmt.Errorf("style plan %.80q: %s[%d]: %w", p.Style, part.name, i, err)
			}
		}
	}
	return nil
}

// applySteps changes p by the steps in their order.
func applySteps(ctx context.Context, p *picture.Picture, steps []Step) error {
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		k, v, err := s.resolve()
		if err != nil {
			return err
		}
		k.run(p, v)
	}
	return nil
}
