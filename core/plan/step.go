// Package plan holds the immutable graph of steps that a recipe or a command
// line builds, and executes it: steps are hashed by what decides their result,
// checked and estimated before any work, taken from a cache when they were
// made before, and described in a document that goes into the picture.
package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// Origin is the place that asked for a step: a line of a recipe. The zero
// value is the command line.
type Origin struct {
	File string
	Line int
}

// String gives "file:line", or "" for the command line.
func (o Origin) String() string {
	switch {
	case o.File == "":
		return ""
	case o.Line <= 0:
		return o.File
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}

// base is the origin without its folders: what may leave this machine.
func (o Origin) base() string {
	if o.File == "" {
		return ""
	}
	return Origin{File: filepath.Base(o.File), Line: o.Line}.String()
}

// Params are the arguments of a step. Values are string, float64, uint64,
// bool or map[string]float64: what JSON writes in one way only.
type Params map[string]any

// Step is one thing to do to the results of other steps. It is immutable:
// whoever wants another one makes another one.
type Step struct {
	kind   string
	params Params
	inputs []*Step
	origin Origin
}

// New makes a step. The parameters and inputs are copied. A parameter of a
// type that Params does not allow is a mistake of the program and panics.
func New(kind string, params Params, origin Origin, inputs ...*Step) *Step {
	own := make(Params, len(params))
	for name, v := range params {
		switch v := v.(type) {
		case string, float64, uint64, bool:
			own[name] = v
		case map[string]float64:
			own[name] = maps.Clone(v)
		default:
			panic(fmt.Sprintf("plan: parameter %q of step %s has the type %T", name, kind, v))
		}
	}
	return &Step{kind: kind, params: own, inputs: slices.Clone(inputs), origin: origin}
}

// Kind is the name under which the step's kind is registered.
func (s *Step) Kind() string { return s.kind }

// Origin is the line that asked for the step.
func (s *Step) Origin() Origin { return s.origin }

// Inputs are the steps whose results this one works on.
func (s *Step) Inputs() []*Step { return slices.Clone(s.inputs) }

// Text gives a parameter that is a string, or "".
func (s *Step) Text(name string) string {
	v, _ := s.params[name].(string)
	return v
}

// Number gives a parameter that is a number, and whether it was given.
func (s *Step) Number(name string) (float64, bool) {
	v, ok := s.params[name].(float64)
	return v, ok
}

// Whole gives a parameter that is a whole number (a seed), and whether it was given.
func (s *Step) Whole(name string) (uint64, bool) {
	v, ok := s.params[name].(uint64)
	return v, ok
}

// Flag gives a parameter that is true or false; one that was not given is false.
func (s *Step) Flag(name string) bool {
	v, _ := s.params[name].(bool)
	return v
}

// Weights gives a parameter that maps names to numbers, and whether it was given.
func (s *Step) Weights(name string) (map[string]float64, bool) {
	v, ok := s.params[name].(map[string]float64)
	return maps.Clone(v), ok
}

// canonical writes the parameters in the one way that is hashed: encoding/json
// sorts the keys of maps and writes the shortest form of a number.
func (p Params) canonical() ([]byte, error) {
	if len(p) == 0 {
		return []byte("{}"), nil
	}
	return json.Marshal(p)
}
