//go:build gpu

package gpu

import (
	"fmt"
	"reflect"
	"unsafe"

	"gorgonia.org/cu"

	"github.com/atelier-engine/atelier/core/device/cuda"
)

// cuDriver drives a GPU through gorgonia.org/cu.
type cuDriver struct {
	is      about
	device  cu.Device
	context cu.CUContext
	home    map[string]cu.Module // of each kernel
	kernels map[string]*function // those that were launched
	streams [streams]cu.Stream
	events  []cu.Event
	args    []uint64 // of a launch
	argAt   []unsafe.Pointer
}

// function is a kernel in a module.
type function struct {
	cu.Function
	shared int // bytes of shared memory that it was allowed
}

// failure makes a Failure of an error of cu, nil of nil. cu keeps its error type to itself: an integer, the
// CUresult.
func failure(doing string, err error) error {
	if err == nil {
		return nil
	}
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Int {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return &Failure{Doing: doing, Code: int(v.Int())}
}

// openCU opens GPU number n, on the calling thread.
func openCU(n int) (driver, error) {
	if err := awake(); err != nil {
		return nil, err
	}
	m := &cuDriver{home: map[string]cu.Module{}, kernels: map[string]*function{}}
	var err error
	if m.device, m.is, err = lookAt(n); err != nil {
		return nil, err
	}
	if m.context, err = m.device.MakeContext(cu.SchedYield); err != nil {
		return nil, failure("open the GPU", err)
	}
	for i := range m.streams {
		if m.streams[i], err = cu.MakeStream(cu.NonBlocking); err != nil {
			return nil, failure("make a stream", err)
		}
	}
	return m, nil
}

// lookAt describes GPU number n. It needs no context.
func lookAt(n int) (cu.Device, about, error) {
	a := about{driver: cu.Version()}
	count, err := cu.NumDevices()
	if err != nil {
		return 0, a, failure("count the GPUs", err)
	}
	switch {
	case count == 0:
		return 0, a, &Failure{Doing: "look for GPUs", Code: noDevice}
	case n >= count:
		return 0, a, &Failure{Doing: fmt.Sprintf("find GPU %d of %d, the first being 0", n, count), Code: invalidDevice}
	}
	d, err := cu.GetDevice(n)
	if err != nil {
		return 0, a, failure("find the GPU", err)
	}
	if a.model, err = d.Name(); err != nil {
		return d, a, failure("ask for the GPU's name", err)
	}
	if a.memory, err = d.TotalMem(); err != nil {
		return d, a, failure("ask for the GPU's memory", err)
	}
	for _, q := range []struct {
		to   *int
		what cu.DeviceAttribute
	}{{&a.major, cu.ComputeCapabilityMajor}, {&a.minor, cu.ComputeCapabilityMinor}, {&a.processors, cu.MultiprocessorCount}, {&a.shared, maxShared}} {
		if *q.to, err = d.Attribute(q.what); err != nil {
			return d, a, failure("ask for the GPU's properties", err)
		}
	}
	return d, a, nil
}

func (m *cuDriver) about() about { return m.is }

func (m *cuDriver) load(from *module) error {
	mod, err := cu.LoadData(from.ptx)
	if err != nil {
		return failure("compile the kernels", err)
	}
	for _, name := range from.kernels {
		m.home[name] = mod
	}
	return nil
}

// find looks a kernel up in its module.
func (m *cuDriver) find(name string) (*function, error) {
	if f := m.kernels[name]; f != nil {
		return f, nil
	}
	mod, ok := m.home[name]
	if !ok {
		return nil, &Failure{Doing: "find the kernel " + name, Code: 500}
	}
	f, err := mod.Function(name)
	if err != nil {
		return nil, failure("find the kernel "+name, err)
	}
	m.kernels[name] = &function{f, 48 << 10}
	return m.kernels[name], nil
}

func (m *cuDriver) room() (free, total int64, err error) {
	free, total, err = cu.MemInfo()
	return free, total, failure("ask for free memory", err)
}

func (m *cuDriver) alloc(bytes int) (cuda.Ptr, error) {
	p, err := cu.MemAlloc(int64(bytes))
	return cuda.Ptr(p), failure("allocate "+mebi(int64(bytes)), err)
}

func (m *cuDriver) free(p cuda.Ptr) error { return failure("free memory", cu.MemFree(cu.DevicePtr(p))) }

func (m *cuDriver) pin(bytes int) ([]byte, error) {
	p, err := pinHost(bytes)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(p), bytes), nil
}

func (m *cuDriver) upload(dst cuda.Ptr, src []byte, s stream) error {
	return failure("copy to the GPU", cu.MemcpyHtoDAsync(cu.DevicePtr(dst), unsafe.Pointer(unsafe.SliceData(src)), int64(len(src)), m.streams[s]))
}

func (m *cuDriver) download(dst []byte, src cuda.Ptr, s stream) error {
	return failure("copy from the GPU", cu.MemcpyDtoHAsync(unsafe.Pointer(unsafe.SliceData(dst)), cu.DevicePtr(src), int64(len(dst)), m.streams[s]))
}

// launch gives each argument a slot of 8 bytes, which is what cu copies.
func (m *cuDriver) launch(l *cuda.Launch, scratch cuda.Ptr, s stream) error {
	f, err := m.find(l.Kernel)
	if err != nil {
		return err
	}
	if l.Shared > f.shared {
		if err := allowShared(f.Function, l.Shared); err != nil {
			return fmt.Errorf("launch %s: %w", l.Kernel, err)
		}
		f.shared = l.Shared
	}
	for len(m.args) < len(l.Args) {
		m.args = append(m.args, 0)
		m.argAt = nil
	}
	for i := len(m.argAt); i < len(m.args); i++ {
		m.argAt = append(m.argAt, unsafe.Pointer(&m.args[i]))
	}
	for i, a := range l.Args {
		if m.args[i] = a.Bits; a.Scratch {
			m.args[i] += uint64(scratch)
		}
	}
	g, b := l.Grid, l.Block
	return failure("launch "+l.Kernel, f.Launch(g[0], g[1], g[2], b[0], b[1], b[2], l.Shared, m.streams[s], m.argAt[:len(l.Args)]))
}

func (m *cuDriver) event() (event, error) {
	e, err := cu.MakeEvent(cu.DisableTiming)
	if err != nil {
		return 0, failure("make an event", err)
	}
	m.events = append(m.events, e)
	return event(len(m.events) - 1), nil
}

func (m *cuDriver) record(e event, s stream) error {
	return failure("record an event", m.events[e].Record(m.streams[s]))
}

func (m *cuDriver) wait(s stream, e event) error {
	return failure("wait for an event", m.streams[s].Wait(m.events[e], 0))
}

func (m *cuDriver) over(e event) (bool, error) {
	err := failure("wait for the GPU", m.events[e].Query())
	if f, ok := err.(*Failure); ok && f.Code == notReady {
		return false, nil
	}
	return err == nil, err
}

const notReady = 600
