package sdk

import "github.com/atelier-engine/atelier/core/style"

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
	return change(steps, kernel, param, func(v float64) float64 { return v * factor })
}
