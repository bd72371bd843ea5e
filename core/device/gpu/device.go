package gpu

import (
	"fmt"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

// Device is one GPU that runs networks in a precision. Its methods and those of its programs may be called from any
// goroutine.
type Device struct {
	*card
	ops   cuda.Operations // of networks for inference
	train cuda.Operations // of sessions
	force device.Precision
}

// card is a GPU: what its precisions share. A context costs hundreds of megabytes.
type card struct {
	name    string
	about   about
	kernels kernels
	owner   *owner
	in      *lane
	out     *lane

	trainerOnce sync.Once
	trainer     *trainer
}

// module is PTX with the kernels that are in it. The driver compiles it when the first of them is launched.
type module struct {
	ptx     string
	kernels []string
	loaded  bool
}

// kernels give the operations of a GPU in a precision, and the modules that the operations of all precisions launch.
type kernels func(a about, p device.Precision) (cuda.Operations, []*module)

// kernelsFor are the kernels of package cuda.
func kernelsFor(a about, p device.Precision) (cuda.Operations, []*module) {
	t := a.target(p)
	var all []*module
	for _, m := range t.Modules() {
		all = append(all, &module{ptx: m.PTX, kernels: m.Kernels})
	}
	return t, all
}

func (a about) target(p device.Precision) cuda.Target {
	return cuda.Target{Major: a.major, Minor: a.minor, SMs: a.processors, Shared: a.shared, Precision: p}
}

// newCard opens a GPU: open makes its driver. Errors say what is missing.
func newCard(name string, open func() (driver, error), kernels kernels) (*card, error) {
	d := &card{name: name, kernels: kernels}
	var err error
	if d.owner, err = newOwner(open); err != nil {
		return nil, err
	}
	err = d.owner.do(func(o *owner) error {
		var modules []*module
		d.about = o.driver.about()
		_, modules = kernels(d.about, device.TF32)
		for _, m := range modules {
			if err := d.about.suits(m.ptx); err != nil {
				return err
			}
			for _, k := range m.kernels {
				o.modules[k] = m
			}
		}
		return nil
	})
	if err == nil {
		d.in, err = newLane(d.owner, copyingIn)
	}
	if err == nil {
		d.out, err = newLane(d.owner, copyingOut)
	}
	if err != nil {
		d.owner.close()
		return nil, fmt.Errorf("%s: %w", d.about.model, err)
	}
	return d, nil
}

// at is the GPU with a precision.
func (c *card) at(p device.Precision) *Device {
	d := &Device{card: c, force: c.about.target(p).InForce()}
	d.ops, _ = c.kernels(c.about, p)
	d.train, _ = c.kernels(c.about, p.Training())
	return d
}

// Name implements device.Device.
func (c *card) Name() string { return c.name }

// Precision is the one in force: see device.PrecisionOf.
func (d *Device) Precision() device.Precision { return d.force }

// Room implements device.Roomy: half of the memory, the rest being for weights, other programs and others' use.
func (d *Device) Room() int64 { return d.about.memory / 2 }

// launch enqueues an operation on the computing stream. It is called on the owner's goroutine.
func (o *owner) launch(op *cuda.Op) error {
	if op.Scratch > o.scratch.size {
		o.pool.put(o.scratch) // ops of one stream may share it: those before are done when the new one is written
		o.scratch = block{}
		b, err := o.pool.get(op.Scratch)
		if err != nil {
			return fmt.Errorf("%s: %w", op.Name, err)
		}
		o.scratch = b
	}
	o.doing = op.Name
	for i := range op.Launches {
		l := &op.Launches[i]
		if m := o.modules[l.Kernel]; m != nil && !m.loaded {
			if err := o.driver.load(m); err != nil {
				return fmt.Errorf("%s: %w", op.Name, err)
			}
			m.loaded = true
		}
		if err := o.driver.launch(l, o.scratch.at, computing); err != nil {
			return fmt.Errorf("%s: %w", op.Name, err)
		}
	}
	return nil
}

// blocks are pieces of memory that belong together.
type blocks struct {
	mu   sync.Mutex
	list []block
}

// take gets n bytes. It is called on the owner's goroutine.
func (b *blocks) take(o *owner, n int) (cuda.Ptr, error) {
	got, err := o.pool.get(n)
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	b.list = append(b.list, got)
	b.mu.Unlock()
	return got.at, nil
}

// size is how many bytes they have.
func (b *blocks) size() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, one := range b.list {
		n += one.size
	}
	return n
}

// release gives all back, once what was enqueued before is done.
func (b *blocks) release(o *owner) {
	o.post(func(o *owner) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, one := range b.list {
			o.pool.put(one)
		}
		b.list = nil
		return nil
	})
}

var (
	_ device.Device = (*Device)(nil)
	_ device.Roomy  = (*Device)(nil)
)
