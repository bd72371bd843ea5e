package style

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
)

// StepKernel is something the host can do to a picture before or after the
// network. Plans name it; they bring no code.
//
// A kernel works in two halves, so that a picture is done the same in tiles as
// in whole and looks alike at any size. survey measures the whole picture,
// reduced to at most a megapixel, and describes what it found free of
// resolution: strokes and cells in parts of the side, or planes to interpolate.
// run then draws that on one window at the picture's own resolution.
type StepKernel struct {
	Name   string
	Doc    string
	Params []StepParam

	// margin is how far run sees beyond a pixel, in pixels of a picture whose
	// shorter side is given; nil: not at all.
	margin func(v values, side float64) float64
	// survey may be nil. It must not change the picture.
	survey func(whole *picture.Picture, v values) any
	// run changes the window in place; found is what survey returned.
	run func(w *Window, v values, found any)
}

// StepParam is a number that a kernel takes. Lengths are in parts of the
// picture's shorter side, so that a small and a large copy look alike.
type StepParam struct {
	Name              string
	Doc               string
	Min, Max, Default float64
	Length            bool // it grows with the size of the strokes
}

// values are the parameters of one call, defaults filled in.
type values map[string]float64

// amountParam is the last parameter of every kernel.
var amountParam = StepParam{Name: "amount", Doc: "share of the effect that is mixed in", Min: 0, Max: 1, Default: 1}

// stepKernels is filled here and never changed, so it needs no lock.
var stepKernels = map[string]StepKernel{}

func init() {
	for _, k := range []StepKernel{
		flattenStep, posteriseStep, saturateStep, levelsStep, toneStep, inksStep, paletteStep, facetsStep, dabsStep, dotsStep, outlineStep,
		hatchStep, paperStep, canvasStep, reliefStep, glowStep, bokashiStep, warpStep,
	} {
		k.Params = append(slices.Clone(k.Params), amountParam)
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
