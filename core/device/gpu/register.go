//go:build gpu

package gpu

import (
	"fmt"
	"sync"

	"gorgonia.org/cu"

	"github.com/atelier-engine/atelier/core/device"
)

func init() { device.Register("gpu", device.Kind{Open: openGPU, List: list}) }

var (
	openMu sync.Mutex
	opened = map[int]*card{}
)

// openGPU returns GPU number n with a precision: the one in use if it works still.
func openGPU(n int, p device.Precision) (device.Device, error) {
	openMu.Lock()
	defer openMu.Unlock()
	if c := opened[n]; c != nil {
		if err := c.owner.do(func(*owner) error { return nil }); err != nil {
			return nil, err
		}
		return c.at(p), nil
	}
	name := "gpu"
	if n > 0 {
		name = fmt.Sprintf("gpu:%d", n)
	}
	c, err := newCard(name, func() (driver, error) { return openCU(n) }, kernelsFor)
	if err != nil {
		return nil, err
	}
	opened[n] = c
	return c.at(p), nil
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
			_, modules := kernelsFor(a, device.TF32)
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
