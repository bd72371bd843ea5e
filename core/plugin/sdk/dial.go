package sdk

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/style"
)

// Dial is an option that turns numbers in the steps of a style's own data.
type Dial struct {
	Option  Option
	targets []string
	change  func(steps []Step, kernel, param string, x float64) []Step
}

// Times is a dial that multiplies numbers; 1 leaves them as the style has them.
// A target is the name of a kernel and its parameter with a dot between.
func Times(name, description string, least, most float64, targets ...string) Dial {
	description += ", 1 as the style has it"
	return Dial{Option{Name: name, Description: description, Min: least, Max: most, Default: 1}, targets, Scale}
}

// Value is a dial that takes the place of numbers; normal is what it stands at.
func Value(name, description string, least, most, normal float64, targets ...string) Dial {
	return Dial{Option{Name: name, Description: description, Min: least, Max: most, Default: normal}, targets, Set}
}

// ServeDials is the main of a style plugin whose plan is the data in styles/NAME,
// NAME being info's, with some of its numbers turned by options. Only a style that
// is more than that needs ServeStyle.
func ServeDials(info Info, dials ...Dial) {
	for _, d := range dials {
		info.Options = append(info.Options, d.Option)
	}
	ServeStyle(info, PlannerFunc(func(_ context.Context, r Request) (Plan, error) {
		p, err := StyleData(info.Name)
		if err != nil {
			return p, err
		}
		return turn(p, dials, r.Options), nil
	}))
}

// turn applies dials to both lists of steps.
func turn(p Plan, dials []Dial, options map[string]float64) Plan {
	for _, d := range dials {
		x, ok := options[d.Option.Name]
		if !ok {
			continue
		}
		for _, t := range d.targets {
			kernel, param, _ := strings.Cut(t, ".")
			p.Pre = d.change(p.Pre, kernel, param, x)
			p.Post = d.change(p.Post, kernel, param, x)
		}
	}
	return p
}

// Set returns the steps with a parameter of one kernel set to value, kept in the
// range that the kernel takes, wherever the kernel occurs. The steps given stay as
// they are.
func Set(steps []Step, kernel, param string, value float64) []Step {
	return change(steps, kernel, param, func(float64) float64 { return value })
}

// change replaces a parameter of one kernel by f of it, within its range.
func change(steps []Step, kernel, param string, f func(float64) float64) []Step {
	kernels := style.StepKernels()
	i := slices.IndexFunc(kernels, func(k style.StepKernel) bool { return k.Name == kernel })
	if i < 0 {
		return steps
	}
	known := kernels[i].Params
	j := slices.IndexFunc(known, func(p style.StepParam) bool { return p.Name == param })
	if j < 0 {
		return steps
	}
	steps = slices.Clone(steps)
	for n, s := range steps {
		if s.Kernel != kernel {
			continue
		}
		v, ok := s.Params[param]
		if !ok {
			v = known[j].Default
		}
		params := maps.Clone(s.Params)
		if params == nil {
			params = map[string]float64{}
		}
		params[param] = min(max(f(v), known[j].Min), known[j].Max)
		steps[n].Params = params
	}
	return steps
}
