//go:build gpu

package gpu

import (
	"fmt"
	"sync"

	"gorgonia.org/cu"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
)

func init() { device.Register("gpu", device.Kind{Open: openGPU, List: list}) }

var (
	openMu sync.Mutex
	opened = map[int]*Device{} // a context costs hundreds of megabytes: one for each GPU
)

// openGPU returns GPU number n, the one in use if it works still.
func openGPU(n int) (device.Device, error) {
	openMu.Lock()
	defer openMu.Unlock()
	if d := opened[n]; d != nil {
		if err := d.owner.do(func(*owner) error { return nil }); err != nil {
			return nil, err
		}
		return d, nil
	}
	name := "gpu"
	if n > 0 {
		name = fmt.Sprintf("gpu:%d", n)
	}
	d, err := newDevice(name, func() (driver, error) { return openCU(n) }, kernelsFor)
	if err != nil {
		return nil, err
	}
	opened[n] = d
	return d, nil
}

// kernelsFor gives the operations of a device and the modules that they launch.
func kernelsFor(a about) (cuda.Operations, []module) {
	t := cuda.Target{Major: a.major, Minor: a.minor, SMs: a.processors, Shared: a.shared}
	var all []module
	for _, m := range t.Modules() {
		all = append(all, module{m.PTX, m.Kernels})
	}
	return t, all
}

// list describes the GPUs, without opening one.
func list() []device.Info {
	if err := awake(); err != nil {
		return []device.Info{{Name: "gpu", Err: err}}
	}
	version := cudaVersion(cu.Version())
	count, err := cu.NumDevices()
	if err != nil || count == 0 {
		_, _, why := lookAt(0)
		return []device.Info{{Name: "gpu", Driver: version, Err: why}}
	}
	var all []device.Info
	for n := range count {
		i := device.Info{Name: fmt.Sprintf("gpu:%d", n), Driver: version}
		var a about
		if _, a, i.Err = lookAt(n); i.Err == nil {
			i.Model, i.Memory = fmt.Sprintf("%s, compute capability %d.%d", a.model, a.major, a.minor), a.memory
			_, modules := kernelsFor(a)
			for _, m := range modules {
				if i.Err == nil {
					i.Err = a.suits(m.ptx)
				}
			}
		}
		all = append(all, i)
	}
	return all
}
