package autodiff

import (
	"fmt"
	"runtime"
	"sync"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
)

// Training on a device: a tape hands each operation that has a kernel there to the device and goes on at once.
// Tensors stay there until somebody asks: Value, Grad, Get, a checkpoint, or an operation that only the processor
// knows. See device.Accelerator for how memory is kept in step.

var accelerator struct {
	sync.Mutex
	device.Accelerator
}

// Accelerate has the tapes that are made from now on run on a device; nil: on the processor. Parameters belong to
// the device of the first tape that they are used on, and may not then be used on tapes elsewhere.
func Accelerate(a device.Accelerator) {
	accelerator.Lock()
	defer accelerator.Unlock()
	accelerator.Accelerator = a
}

// link is an accelerator with a session on it.
type link struct {
	device.Session
	on device.Accelerator
}

// newLink opens a session for the owner, which ends with it; nil without an accelerator.
func newLink[T any](owner *T) *link {
	accelerator.Lock()
	a := accelerator.Accelerator
	accelerator.Unlock()
	if a == nil {
		return nil
	}
	l := &link{a.NewSession(), a}
	runtime.AddCleanup(owner, func(s device.Session) { s.Close() }, l.Session)
	return l
}

// accelerated computes the op where it can be: on the device, or else on the processor, with what it reads
// fetched.
func (o *op) accelerated(l *link, vs []gorgonia.Value) (gorgonia.Value, error) {
	for i, n := range o.in {
		if from, ok := n.Op().(*op); ok && n.Dims() == 0 {
			o.args[i] = from.y // the number itself, wherever it is
		} else if v, ok := vs[i].(*gorgonia.F32); ok {
			if o.args[i][0] != float32(*v) {
				o.args[i][0] = float32(*v)
				l.Changed(o.args[i])
			}
		}
	}
	if o.accel != nil {
		if err := o.accel(l, o.y, o.args); err != nil {
			o.tape.lost = fmt.Errorf("%s: %w", o, err)
			return nil, o.tape.lost
		}
		return o.value, nil
	}
	err := l.Sync(append(o.args[:len(o.args):len(o.args)], o.reads)...)
	if err == nil && !o.alone {
		err = l.SyncShared()
	}
	if err != nil {
		o.tape.lost = fmt.Errorf("%s: %w", o, err)
		return nil, o.tape.lost
	}
	before := o.y[0]
	o.run(o.y, o.args)
	if s, ok := o.value.(*gorgonia.F32); ok {
		if *s = gorgonia.F32(o.y[0]); o.y[0] == before { // as the factors of losses: the device has it
			return o.value, nil
		}
	}
	l.Changed(o.y)
	return o.value, nil
}

// fetch makes numbers of the tape readable. A failure is the next run's.
func (t *Tape) fetch(v ...[]float32) {
	if t.link == nil || len(v) == 0 {
		return
	}
	if err := t.link.Sync(v...); err != nil && t.err == nil {
		t.err = fmt.Errorf("run tape: %w", err)
	}
}

// attach makes the parameters memory that all tapes on the device share.
func (p *Params) attach(l *link) {
	if l == nil || p.link != nil {
		return
	}
	p.link = l.sibling()
	list, on := p.arrays(), l.on
	p.link.Share(list...)
	runtime.AddCleanup(p, func(list [][]float32) { on.Forget(list...) }, list)
}

// sibling is a session of its own on the same device.
func (l *link) sibling() *link { return &link{l.on.NewSession(), l.on} }

// Share passes on to the device.
func (l *link) Share(v ...[]float32) { l.on.Share(v...) }

// fetch makes the numbers readable.
func (p *Params) fetch() error {
	if p.link == nil {
		return nil
	}
	if err := p.link.Sync(p.arrays()...); err != nil {
		return fmt.Errorf("fetch parameters of %s: %w", p.Name, err)
	}
	return nil
}

// arrays are the numbers of all parameters.
func (p *Params) arrays() [][]float32 {
	list := make([][]float32, len(p.list))
	for i, e := range p.list {
		list[i] = e.data
	}
	return list
}

// changed tells the device that the processor wrote the numbers.
func (p *Params) changed() {
	if p.link != nil {
		p.link.Changed(p.arrays()...)
	}
}

// averageOn is Average where the numbers are on the device.
func (p *Params) averageOn(l *link, q *Params, decay float32) error {
	p.attach(l)
	q.attach(l)
	if err := p.link.EMA(p.arrays(), q.arrays(), decay); err != nil {
		return fmt.Errorf("average %s and %s: %w", p.Name, q.Name, err)
	}
	p.version.Add(1)
	return nil
}
