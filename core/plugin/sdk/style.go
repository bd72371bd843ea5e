package sdk

import (
	"maps"
	"slices"

	"github.com/atelier-engine/atelier/core/style"
)

// StyleData returns the plan of the style whose folder, styles/name, lies in
// the host's data: its steps as they were tuned with its vector, and its
// credits. A plugin that ships such a folder only adds what data cannot say.
func StyleData(name string) (Plan, error) {
	dir, err := Data("styles", name)
	if err != nil {
		return Plan{}, err
	}
	p, err := style.ReadPackage(dir)
	if err != nil {
		return Plan{}, err
	}
	return p.Plan(), nil
}

// Scale returns the steps with a parameter of one kernel multiplied by factor,
// wherever the kernel occurs, and kept in the range that the kernel takes. A
// parameter that a step leaves out counts with its default. The steps given
// stay as they are.
func Scale(steps []Step, kernel, param string, factor float64) []Step {
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
		params[param] = min(max(v*factor, known[j].Min), known[j].Max)
		steps[n].Params = params
	}
	return steps
}
