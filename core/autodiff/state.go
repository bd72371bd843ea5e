package autodiff

import (
	"encoding"
	"fmt"
	"maps"
	"math"
	"sort"
	"strings"
)

// Random is a source of random numbers whose state can be kept, such as
// *rand.PCG and *rand.ChaCha8 of math/rand/v2.
type Random interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// State is everything that a training run consists of. Saved and loaded into new
// objects of the same kinds, the run goes on bit for bit.
type State struct {
	Step   int               // steps done
	Params []*Params         // networks, running averages; each with a Name of its own
	Adams  map[string]*Adam  // optimisers by any name
	Random map[string]Random // by any name
	Values map[string]string // whatever else the run must know
}

// Save writes the state to one file, atomically. Errors say what could not be
// written; no partial file stays.
func (s *State) Save(path string) error {
	h, err := s.header()
	if err != nil {
		return fmt.Errorf("save checkpoint %s: %w", path, err)
	}
	return writeCheckpoint(path, h)
}

// header collects the state; arrays share memory with it.
func (s *State) header() (*fileHeader, error) {
	h := &fileHeader{Step: s.Step, Values: s.Values, Random: map[string][]byte{}, Scales: map[string]uint64{}}
	seen := map[string]bool{}
	for _, p := range s.Params {
		if seen[p.Name] {
			return nil, fmt.Errorf("two networks are named %q: change the Name of one", p.Name)
		}
		seen[p.Name] = true
		if err := p.fetch(); err != nil {
			return nil, err
		}
		for _, e := range p.list {
			h.Arrays = append(h.Arrays, fileArray{Name: paramKey(p, e), Len: len(e.data), data: e.data})
		}
	}
	for _, key := range sortedKeys(s.Adams) {
		a := s.Adams[key]
		if err := a.fetch(); err != nil {
			return nil, err
		}
		h.Scales[key] = math.Float64bits(or(a.Scale, 1))
		for _, name := range a.names() {
			m := a.moments[name]
			h.Arrays = append(h.Arrays,
				fileArray{Name: adamKey(key) + "m\x00" + name, Len: len(m.m), Step: m.step, data: m.m},
				fileArray{Name: adamKey(key) + "v\x00" + name, Len: len(m.v), Step: m.step, data: m.v})
		}
	}
	for _, key := range sortedKeys(s.Random) {
		b, err := s.Random[key].MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("random state %q: %w", key, err)
		}
		h.Random[key] = b
	}
	return h, nil
}

func paramKey(p *Params, e *param) string { return "param\x00" + p.Name + "\x00" + e.Name }
func adamKey(key string) string           { return "adam\x00" + key + "\x00" }

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Load reads a file that Save wrote into the networks, optimisers and random
// sources of s. On error s is unchanged.
func (s *State) Load(path string) error {
	h, err := readCheckpoint(path)
	if err != nil {
		return err
	}
	if err := s.take(h); err != nil {
		return fmt.Errorf("load checkpoint %s: %w: use the settings that the run began with", path, err)
	}
	return nil
}

// take checks that h fits s, then changes s.
func (s *State) take(h *fileHeader) error {
	arrays := map[string]*fileArray{}
	for i := range h.Arrays {
		arrays[h.Arrays[i].Name] = &h.Arrays[i]
	}
	for _, p := range s.Params {
		for _, e := range p.list {
			a := arrays[paramKey(p, e)]
			if a == nil || a.Len != len(e.data) {
				return fmt.Errorf("it does not hold %q of network %q with %d values", e.Name, p.Name, len(e.data))
			}
		}
	}
	moments := map[string]map[string]*moment{}
	for key := range s.Adams {
		moments[key] = map[string]*moment{}
		for name, m := range arrays {
			param, ok := strings.CutPrefix(name, adamKey(key)+"m\x00")
			if !ok {
				continue
			}
			v := arrays[adamKey(key)+"v\x00"+param]
			if v == nil || v.Len != m.Len || v.Step != m.Step {
				return fmt.Errorf("the moments of %q in optimiser %q are incomplete", param, key)
			}
			moments[key][param] = &moment{m: m.data, v: v.data, step: m.Step}
		}
		if _, ok := h.Scales[key]; !ok {
			return fmt.Errorf("it does not hold optimiser %q", key)
		}
	}
	if err := s.takeRandom(h); err != nil {
		return err
	}
	for _, p := range s.Params {
		for _, e := range p.list {
			copy(e.data, arrays[paramKey(p, e)].data)
		}
		p.Touch()
	}
	for key, a := range s.Adams {
		a.moments, a.Scale = moments[key], math.Float64frombits(h.Scales[key])
	}
	s.Step, s.Values = h.Step, map[string]string{} // never nil: the run writes into it
	maps.Copy(s.Values, h.Values)
	return nil
}

// takeRandom sets all random sources, or none.
func (s *State) takeRandom(h *fileHeader) error {
	var done []func()
	for _, key := range sortedKeys(s.Random) {
		r := s.Random[key]
		b, ok := h.Random[key]
		old, err := r.MarshalBinary()
		if err == nil && !ok {
			err = fmt.Errorf("it does not hold it")
		}
		if err == nil {
			if err = r.UnmarshalBinary(b); err == nil {
				done = append(done, func() { r.UnmarshalBinary(old) })
				continue
			}
		}
		for _, undo := range done {
			undo()
		}
		return fmt.Errorf("random state %q: %w", key, err)
	}
	return nil
}

// finite reports the first network with a number that is none.
func (s *State) finite() error {
	for _, p := range s.Params {
		if !p.Finite() {
			return fmt.Errorf("network %q holds numbers that are infinite or undefined", p.Name)
		}
	}
	return nil
}
