package device

import (
	"slices"
	"sync"
)

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
	if err := g.CheckWeights(w); err != nil {
		return nil, err
	}
	own := *g
	own.Nodes, own.Outs = slices.Clone(g.Nodes), slices.Clone(g.Outs)
	p := &cpuProgram{graph: &own, shared: !d.noShare}
	p.steps = lower(&own, w, !d.noFuse)
	p.view = views(&own)
	for i := range own.Nodes {
		if n := &own.Nodes[i]; n.Op == OpInstanceNorm || n.Op == OpCondNorm {
			p.norms = append(p.norms, n.Shape.C)
		}
	}
	for i := range p.steps {
		p.weightBytes += p.steps[i].pack()
	}
	return p, nil
}

// cpuProgram is a network lowered to steps, with a memory plan for each recent set of input sizes.
type cpuProgram struct {
	graph       *Graph
	steps       []step
	view        []Ref // the node whose memory holds a node's value: itself, unless it is a view
	norms       []int // channels of each norm
	shared      bool  // values may share memory when their lives do not overlap
	weightBytes int

	mu     sync.Mutex // guards what follows; held for the whole of a run
	arena  []float32
	plans  []*plan // most recent first
	frozen Stats
}

// maxPlans bounds the number of input sizes whose plans are kept.
const maxPlans = 8

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
