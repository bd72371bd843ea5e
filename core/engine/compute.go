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
		p, err := device.ParsePrecision(c.config.Precision)
		switch {
		case err != nil:
			c.err = err
		case c.config.Name == device.Auto:
			c.device, c.why = device.OpenAuto(p)
		default:
			c.device, c.err = device.Open(c.config.Name, p)
		}
		if c.err != nil || c.device.Name() == "cpu" {
			return
		}
		c.log.Info("networks run on "+c.device.Name(), "precision", device.PrecisionOf(c.device))
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

// checkPrecision checks the name of a precision: whether the device has it is
// seen when it is opened.
func checkPrecision(name string) error {
	if _, err := device.ParsePrecision(name); err != nil {
		return fmt.Errorf("is %q%s", name, plan.Hint(name, device.Precisions()))
	}
	return nil
}

// computed adds the device, and the precision in force there, to the digests of
// a step that runs networks, unless it is the processor: another kind of device
// adds in another order and rounds, so its results are another's in the last
// bits.
func (e *Engine) computed(digests map[string]string) error {
	d, err := e.computer.open()
	if err != nil {
		return err
	}
	if kind, _, _ := strings.Cut(d.Name(), ":"); kind != "cpu" {
		digests["device"], digests["precision"] = kind, device.PrecisionOf(d).String()
	}
	return nil
}

// Computer is the device that the engine's networks run on.
func (e *Engine) Computer() (device.Device, error) { return e.computer.open() }

// deviceFindings says what computes, and what else there is.
func (e *Engine) deviceFindings() []Finding {
	var list []Finding
	d, err := e.computer.open() // before the list: what is open need not be opened to be described
	for _, i := range device.List() {
		f := Finding{What: "device " + i.Name}
		parts := []string{i.Model}
		if i.Memory > 0 {
			memory := gibi(i.Memory)
			if i.Err == nil {
				memory += ", " + gibi(i.Free) + " of it free"
			}
			parts = append(parts, memory)
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
	switch {
	case err != nil:
		f.Err = err
	case e.computer == nil || e.computer.config.Name != device.Auto:
		f.Says = d.Name() + ", as was asked for, " + e.precision(d)
	case d.Name() != "cpu":
		f.Says = d.Name() + ", the first that can be used, " + e.precision(d)
	case e.computer.why != nil:
		f.Says = "cpu, since no other device can be used: " + strings.ReplaceAll(e.computer.why.Error(), "\n", "; ")
	default:
		f.Says = "cpu, the only device that this program knows"
	}
	return append(list, f)
}

// precision says in which precision a device multiplies, and why not in the one
// that was asked for. That of the processor is no choice.
func (e *Engine) precision(d device.Device) string {
	force := device.PrecisionOf(d).String()
	if e.computer != nil && d.Name() != "cpu" && force != e.computer.config.Precision {
		return fmt.Sprintf("in %s, since it has no %s", force, e.computer.config.Precision)
	}
	return "in " + force
}

func gibi(bytes int64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }

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
