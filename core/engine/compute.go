package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/plan"
)

// computer opens the device that networks run on, when the first one is wanted.
// What trains from then on trains there too.
type computer struct {
	config Device
	log    *slog.Logger

	once   sync.Once
	device device.Device
	why    error // why it is not a better one, or not there at all
	err    error
}

// open gives the device. One that was asked for by name and cannot be used is
// an error, never another one.
func (c *computer) open() (device.Device, error) {
	if c == nil {
		return device.NewCPU(), nil
	}
	c.once.Do(func() {
		if c.config.Name == device.Auto {
			c.device, c.why = device.OpenAuto()
		} else {
			c.device, c.err = device.Open(c.config.Name)
		}
		if c.err != nil || c.device.Name() == "cpu" {
			return
		}
		c.log.Info("networks run on " + c.device.Name())
		if a, ok := c.device.(device.Accelerator); ok {
			autodiff.Accelerate(a)
		}
		if c.config.Fallback {
			c.device = device.WithFallback(c.device, func() (device.Device, error) { return device.NewCPU(), nil }, func(why error) {
				c.log.Warn("going on on the processor", "because", why)
			})
		}
	})
	return c.device, c.err
}

// checkDevice checks the name of a device: whether there is one is seen when it
// is opened.
func checkDevice(name string) error {
	kind, _, err := device.ParseName(name)
	if err != nil {
		return fmt.Errorf("is %q: write auto, cpu, gpu, or gpu:1 for the second one", name)
	}
	if known := []string{device.Auto, "cpu", "gpu"}; kind != known[0] && kind != known[1] && kind != known[2] {
		return fmt.Errorf("is %q%s", name, plan.Hint(kind, known))
	}
	return nil
}

// computed adds the device to the digests of a step that runs networks, unless
// it is the processor: another kind of device adds in another order, so its
// results are another's in the last bits.
func (e *Engine) computed(digests map[string]string) error {
	d, err := e.computer.open()
	if err != nil {
		return err
	}
	if kind, _, _ := strings.Cut(d.Name(), ":"); kind != "cpu" {
		digests["device"] = kind
	}
	return nil
}

// Computer is the device that the engine's networks run on.
func (e *Engine) Computer() (device.Device, error) { return e.computer.open() }

// deviceFindings says what computes, and what else there is.
func (e *Engine) deviceFindings() []Finding {
	var list []Finding
	for _, i := range device.List() {
		f := Finding{What: "device " + i.Name}
		parts := []string{i.Model}
		if i.Memory > 0 {
			parts = append(parts, fmt.Sprintf("%.1f GiB", float64(i.Memory)/(1<<30)))
		}
		if i.Driver != "" {
			parts = append(parts, "driver for CUDA "+i.Driver)
		}
		if i.Err != nil {
			parts = append(parts, "cannot be used: "+i.Err.Error())
		}
		f.Says = strings.Join(slicesWithout(parts, ""), ", ")
		list = append(list, f)
	}
	if len(list) == 0 {
		list = append(list, Finding{What: "device gpu", Says: "this program was built without it: make gpu"})
	}
	f := Finding{What: "computing"}
	d, err := e.computer.open()
	switch {
	case err != nil:
		f.Err = err
	case e.computer == nil || e.computer.config.Name != device.Auto:
		f.Says = d.Name() + ", as was asked for"
	case d.Name() != "cpu":
		f.Says = d.Name() + ", the first that can be used"
	case e.computer.why != nil:
		f.Says = "cpu, since no other device can be used: " + strings.ReplaceAll(e.computer.why.Error(), "\n", "; ")
	default:
		f.Says = "cpu, the only device that this program knows"
	}
	return append(list, f)
}

func slicesWithout(list []string, what string) []string {
	var kept []string
	for _, s := range list {
		if s != what {
			kept = append(kept, s)
		}
	}
	return kept
}

// deviceFailed reports whether an error is about the device.
func deviceFailed(err error) bool {
	return errors.Is(err, device.ErrAbsent) || errors.Is(err, device.ErrLost) || errors.Is(err, device.ErrMemory)
}
