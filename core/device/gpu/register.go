//go:build gpu

package gpu

import (
	"errors"
	"fmt"
	"runtime"
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

// list describes the GPUs.
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
		var d cu.Device
		var a about
		if d, a, i.Err = lookAt(n); i.Err == nil {
			i.Model, i.Memory = fmt.Sprintf("%s, compute capability %d.%d", a.model, a.major, a.minor), a.memory
			_, modules := kernelsFor(a, device.TF32)
			for _, m := range modules {
				if i.Err == nil {
					i.Err = a.suits(m.ptx)
				}
			}
		}
		if i.Err == nil {
			i.Free, i.Err = roomOf(n, d)
		}
		all = append(all, i)
	}
	return all
}

// roomOf is how much memory of GPU number n is free, in bytes. Only a context can be asked: where none is open, one is
// made for the question, whose failure would be that of opening the GPU.
func roomOf(n int, d cu.Device) (free int64, err error) {
	openMu.Lock()
	c := opened[n]
	openMu.Unlock()
	if c != nil {
		err = c.owner.do(func(o *owner) (err error) {
			free, _, err = o.driver.room()
			return err
		})
		return free, err
	}
	runtime.LockOSThread() // a context is the thread's
	defer runtime.UnlockOSThread()
	context, err := d.MakeContext(cu.SchedYield)
	if err != nil {
		return 0, failure("open the GPU", err)
	}
	free, _, err = cu.MemInfo()
	return free, errors.Join(failure("ask for free memory", err), failure("close the GPU", context.Destroy()))
}
