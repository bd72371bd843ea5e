package device

import "sync"

// CPU runs networks with the kernels of package kernel. The zero value is ready for use.
type CPU struct {
	noFuse, noShare bool // tests: every node a step of its own, every value memory of its own
}

// NewCPU returns the processor as a device.
func NewCPU() *CPU { return &CPU{} }

// Name returns "cpu".
func (*CPU) Name() string { return "cpu" }

// Compile folds constants, fuses neighbouring steps and packs the weights. It costs about as much time as
// reading the weights once.
func (d *CPU) Compile(g *Graph, w Weights) (Program, error) {
	l, err := lower(g, w, !d.noFuse)
	if err != nil {
		return nil, err
	}
	l.noShare = d.noShare
	p := &cpuProgram{Lowered: l}
	for i := range p.Steps {
		p.weightBytes += p.Steps[i].pack()
	}
	return p, nil
}

// cpuProgram runs the steps of a network in an arena.
type cpuProgram struct {
	*Lowered    // its plans are guarded by mu
	weightBytes int

	mu     sync.Mutex // guards what follows; held for the whole of a run
	arena  []float32
	frozen Stats
}

// Memory implements Program.
func (p *cpuProgram) Memory() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.weightBytes + 4*len(p.arena)
	for _, pl := range p.plans {
		n += 4 * pl.normLen
	}
	return n
}
