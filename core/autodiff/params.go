package autodiff

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Params holds the numbers of one network: weights and running statistics. All
// tapes that apply it read the same memory, so what one tape trains, the others
// see in their next run.
type Params struct {
	// Name comes before the names of the parameters where those of several
	// networks meet, as in an optimiser or a checkpoint. It is the graph's name
	// unless changed before the first use.
	Name string

	list    []*param
	byName  map[string]*param
	version atomic.Uint64
	link    *link // to the device that has a copy
}

// param is one array, with its packed forms for the convolution kernels.
type param struct {
	device.Param
	data []float32
	of   *Params

	mu      sync.Mutex
	forward packed
	back    packed
}

// packed is a packed copy of weights and the version of Params that it shows.
type packed struct {
	p       *kernel.Packed
	conv    kernel.Conv
	version uint64
}

// NewParams draws the first values of the parameters of a network. Each depends
// on seed and on its own name only.
func NewParams(g *device.Graph, seed uint64) *Params {
	return NewParamsOf(g.Name, g.Params(), seed)
}

// NewParamsOf is NewParams for a list of parameters, such as a table of style
// vectors that Lookup reads or a picture that is itself optimised.
func NewParamsOf(name string, list []device.Param, seed uint64) *Params {
	p := &Params{Name: name, byName: map[string]*param{}}
	p.version.Store(1)
	for _, d := range list {
		e := &param{Param: d, data: kernel.Aligned(d.Len()), of: p}
		e.fill(seed)
		p.list = append(p.list, e)
		p.byName[d.Name] = e
	}
	return p
}

// fill draws the first values. The fans count (KH,KW,In,Out) and (In,Out).
func (e *param) fill(seed uint64) {
	h := fnv.New64a()
	h.Write([]byte(e.Name))
	r := rand.New(rand.NewPCG(seed, h.Sum64()))
	fanIn, fanOut := 1, 1
	if k := len(e.Shape); k > 0 {
		taps := 1
		for _, d := range e.Shape[:max(0, k-2)] {
			taps *= d
		}
		fanIn, fanOut = taps*e.Shape[max(0, k-2)], taps*e.Shape[k-1]
	}
	for i := range e.data {
		switch e.Init {
		case device.InitHe:
			e.data[i] = float32(r.NormFloat64() * math.Sqrt(2/float64(fanIn)))
		case device.InitXavier:
			e.data[i] = float32((2*r.Float64() - 1) * math.Sqrt(6/float64(fanIn+fanOut)))
		case device.InitNormal002:
			e.data[i] = float32(r.NormFloat64() * 0.02)
		case device.InitOne:
			e.data[i] = 1
		}
	}
}

// Touch says that the numbers were changed from outside, so that packed copies
// are made anew. Update and Load call it.
func (p *Params) Touch() {
	p.version.Add(1)
	p.changed()
}

// Version grows with every change of the numbers.
func (p *Params) Version() uint64 { return p.version.Load() }

// Get returns the memory of a parameter, or nil. Call Touch after changing it.
// Where a device trains the parameters it is what they are now, and is behind
// after the next step; when the device is lost, so is what it had learnt, and the
// next run of a tape says so.
func (p *Params) Get(name string) []float32 {
	if e := p.byName[name]; e != nil {
		p.fetch()
		return e.data
	}
	return nil
}

// Len is the number of trained values, without running statistics.
func (p *Params) Len() int {
	n := 0
	for _, e := range p.list {
		if !e.State {
			n += len(e.data)
		}
	}
	return n
}

// Weights returns the parameters by name. The data is shared, not copied.
func (p *Params) Weights() device.Weights {
	w := device.Weights{}
	p.fetch()
	for _, e := range p.list {
		w[e.Name] = device.Array{Shape: slices.Clone(e.Shape), Data: e.data}
	}
	return w
}

// Load copies the values of w. Every parameter must be there with its shape; what
// w holds beyond them is ignored. On error nothing is changed.
func (p *Params) Load(w device.Weights) error {
	for _, e := range p.list {
		a, ok := w[e.Name]
		if !ok {
			return fmt.Errorf("load parameters of %s: %q is missing: use the weights of this network", p.Name, e.Name)
		}
		if !slices.Equal(a.Shape, e.Shape) || len(a.Data) != len(e.data) {
			return fmt.Errorf("load parameters of %s: %q has shape %v with %d values, not %v: use the weights of this network",
				p.Name, e.Name, a.Shape, len(a.Data), e.Shape)
		}
	}
	for _, e := range p.list {
		copy(e.data, w[e.Name].Data)
	}
	p.Touch()
	return nil
}

// Adopt copies what w and the parameters have in common by name and shape, so
// that a network may start from a smaller one that it grew from. It returns how
// many numbers it copied.
func (p *Params) Adopt(w device.Weights) int {
	n := 0
	p.fetch()
	for _, e := range p.list {
		if a := w[e.Name]; slices.Equal(a.Shape, e.Shape) && len(a.Data) == len(e.data) {
			n += copy(e.data, a.Data)
		}
	}
	p.Touch()
	return n
}

// Clone returns a copy under another name, for instance for a running average.
func (p *Params) Clone(name string) *Params {
	c := &Params{Name: name, byName: map[string]*param{}}
	c.version.Store(1)
	p.fetch()
	for _, e := range p.list {
		d := &param{Param: e.Param, data: kernel.Aligned(len(e.data)), of: c}
		copy(d.data, e.data)
		c.list = append(c.list, d)
		c.byName[e.Name] = d
	}
	return c
}

// Average moves p towards the numbers of q, which describes the same network:
// p = decay*p + (1-decay)*q. Running statistics are averaged likewise.
func (p *Params) Average(q *Params, decay float32) error {
	if len(p.list) != len(q.list) {
		return fmt.Errorf("average %s and %s: they are different networks", p.Name, q.Name)
	}
	for i, e := range p.list {
		if e.Name != q.list[i].Name || len(e.data) != len(q.list[i].data) {
			return fmt.Errorf("average %s and %s: %q and %q differ", p.Name, q.Name, e.Name, q.list[i].Name)
		}
	}
	for _, l := range []*link{p.link, q.link} {
		if l != nil {
			return p.averageOn(l, q, decay)
		}
	}
	for i, e := range p.list {
		kernel.EMA(e.data, q.list[i].data, decay)
	}
	p.Touch()
	return nil
}

// Finite reports whether no parameter is infinite or not a number.
func (p *Params) Finite() bool {
	p.fetch()
	for _, e := range p.list {
		if s := kernel.SumSquares(e.data); math.IsNaN(s) || math.IsInf(s, 0) {
			return false
		}
	}
	return true
}

// packForward returns the weights packed for Forward, packed anew only when the
// numbers have changed.
func (e *param) packForward(c kernel.Conv) *kernel.Packed {
	return e.pack(&e.forward, c, kernel.Conv.Pack)
}

// packBack is packForward for GradData.
func (e *param) packBack(c kernel.Conv) *kernel.Packed {
	return e.pack(&e.back, c, kernel.Conv.PackGrad)
}

func (e *param) pack(k *packed, c kernel.Conv, pack func(kernel.Conv, *kernel.Packed, []float32) *kernel.Packed) *kernel.Packed {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := e.of.version.Load(); k.p == nil || k.version != v || k.conv != c {
		k.p = pack(c, k.p, e.data)
		k.version, k.conv = v, c
	}
	return k.p
}
