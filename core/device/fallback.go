package device

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// WithFallback returns a device that works on d until d is lost, and then goes on on the device that open
// returns. told hears, once, why. Work that fails for other reasons, too little memory among them, fails as it
// would on d. The weights are kept in memory meanwhile.
func WithFallback(d Device, open func() (Device, error), told func(error)) Device {
	return &fallback{first: d, open: open, told: told}
}

type fallback struct {
	first Device
	open  func() (Device, error)
	told  func(error)

	mu     sync.Mutex
	second Device // nil while the first works
}

func (f *fallback) Name() string { return f.now().Name() }

// Precision is that of the device in use.
func (f *fallback) Precision() Precision { return PrecisionOf(f.now()) }

// Room implements Roomy for the device that is in use.
func (f *fallback) Room() int64 { return Room(f.now()) }

func (f *fallback) now() Device {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.second != nil {
		return f.second
	}
	return f.first
}

// give returns the second device, opened when it is first needed.
func (f *fallback) give(why error) (Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.second == nil {
		d, err := f.open()
		if err != nil {
			return nil, errors.Join(why, err)
		}
		f.second = d
		f.told(why)
	}
	return f.second, nil
}

func (f *fallback) Compile(g *Graph, w Weights) (Program, error) {
	p := &fallbackProgram{device: f, graph: g, weights: maps.Clone(w)}
	for name, a := range p.weights {
		a.Data = slices.Clone(a.Data)
		p.weights[name] = a
	}
	return p, p.compile(f.now())
}

// fallbackProgram is a program that moves to the other device when its own is lost.
type fallbackProgram struct {
	device  *fallback
	graph   *Graph
	weights Weights

	mu      sync.Mutex // guards what follows; not held while the program runs
	on      Device
	program Program
	frozen  Stats
}

// compile makes the program for a device, and for the second where that one is lost. mu is held or nobody else
// knows p.
func (p *fallbackProgram) compile(d Device) error {
	program, err := d.Compile(p.graph, p.weights)
	if errors.Is(err, ErrLost) && d == p.device.first {
		if d, err = p.device.give(err); err == nil {
			program, err = d.Compile(p.graph, p.weights)
		}
	}
	if err == nil && p.frozen != nil {
		err = program.Freeze(p.frozen)
	}
	if err != nil {
		return err
	}
	p.on, p.program = d, program
	return nil
}

// Run does not hold mu: runs that are asked for at once overlap as far as the device lets them.
func (p *fallbackProgram) Run(out, in []Tensor) error {
	program, on := p.now()
	err := program.Run(out, in)
	if !errors.Is(err, ErrLost) || on != p.device.first {
		return err
	}
	program, second := p.elsewhere(err)
	if second != nil {
		return fmt.Errorf("%w: going on elsewhere failed too: %w", err, second)
	}
	return program.Run(out, in)
}

// now gives the program in use and its device.
func (p *fallbackProgram) now() (Program, Device) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.program, p.on
}

// elsewhere gives the program on the second device. Of several runs that were lost with the first, one compiles.
func (p *fallbackProgram) elsewhere(why error) (Program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on == p.device.first {
		d, err := p.device.give(why)
		if err == nil {
			err = p.compile(d)
		}
		if err != nil {
			return nil, err
		}
	}
	return p.program, nil
}

// Freeze holds mu, so that a program that is being compiled elsewhere gets these statistics or those before, as
// frozen says.
func (p *fallbackProgram) Freeze(s Stats) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.program.Freeze(s); err != nil {
		return err
	}
	p.frozen = nil
	for _, st := range s {
		p.frozen = append(p.frozen, NormStats{slices.Clone(st.Mean), slices.Clone(st.InvStd)})
	}
	return nil
}

func (p *fallbackProgram) Stats() Stats {
	program, _ := p.now()
	return program.Stats()
}

func (p *fallbackProgram) Memory() int {
	program, _ := p.now()
	return program.Memory()
}
