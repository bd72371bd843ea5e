//go:build !gpu

package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// fakeKind registers a kind of device once for all tests of the package.
var fakeDevices = func() map[int]error {
	failures := map[int]error{}
	device.Register("gpu", device.Kind{
		Open: func(n int, p device.Precision) (device.Device, error) {
			if err, ok := failures[n]; ok {
				return nil, err
			}
			if n == 2 { // without tensor cores
				p = device.F32
			}
			return renamed{device.NewCPU(), fmt.Sprintf("gpu:%d", n), p}, nil
		},
		List: func() []device.Info {
			return []device.Info{
				{Name: "gpu:0", Model: "Model A", Driver: "12.2", Memory: 8 << 30, Free: 3 << 29},
				{Name: "gpu:1", Model: "Model B", Driver: "12.2", Memory: 2 << 30, Err: errors.New("too old")},
			}
		},
	})
	return failures
}()

// renamed is a device under another name, in a precision.
type renamed struct {
	device.Device
	name      string
	precision device.Precision
}

func (r renamed) Name() string                { return r.name }
func (r renamed) Precision() device.Precision { return r.precision }

func TestBenchDevice(t *testing.T) {
	for _, c := range []struct{ name, says, share string }{
		{"cpu", "networks on the processor", "%"},
		{"gpu:1", "networks on gpu:1 in f16, with the way there and back", "-"},
	} {
		e := &Engine{computer: &computer{config: Device{Name: c.name, Precision: "f16"}, log: slog.New(slog.DiscardHandler)}}
		if says, err := e.BenchDevice(); err != nil || !strings.HasPrefix(says, c.says) {
			t.Errorf("%s: %q, %v", c.name, says, err)
		}
		on, err := e.Computer()
		if err != nil {
			t.Fatal(err)
		}
		r := measure(c.name, 1e6, 1, peakOf(on), func() {})
		if c.share == "-" && (r.Peak != 0 || r.Share() != "-") || c.share == "%" && kernel.Peak() > 0 && !strings.HasSuffix(r.Share(), "%") {
			t.Errorf("%s: %+v is %s of the peak", c.name, r, r.Share())
		}
	}
	fakeDevices[3] = fmt.Errorf("%w: gone", device.ErrAbsent)
	defer clear(fakeDevices)
	e := &Engine{computer: &computer{config: Device{Name: "gpu:3", Precision: "tf32"}, log: slog.New(slog.DiscardHandler)}}
	if _, err := e.BenchDevice(); ClassOf(err) != Hardware {
		t.Errorf("got %v", err)
	}
	if err := e.benchNetworks(context.Background(), 1, func(BenchResult) {}); ClassOf(err) != Hardware {
		t.Errorf("got %v", err)
	}
}

func TestComputer(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	absent := fmt.Errorf("%w: there is no driver", device.ErrAbsent)
	for _, c := range []struct {
		name      string
		precision string
		broken    bool
		want      string // the device, or the error
		class     Class
		digests   string
		says      string // the doctor
	}{
		{"cpu", "tf32", false, "cpu", OK, "map[]", "cpu, as was asked for, in f32"},
		{"cpu", "f16", false, "cpu", OK, "map[]", "cpu, as was asked for, in f32"},
		{"gpu:1", "tf32", false, "gpu:1", OK, "map[device:gpu precision:tf32]", "gpu:1, as was asked for, in tf32"},
		{"gpu:1", "f16", false, "gpu:1", OK, "map[device:gpu precision:f16]", "gpu:1, as was asked for, in f16"},
		{"gpu:2", "bf16", false, "gpu:2", OK, "map[device:gpu precision:f32]", "gpu:2, as was asked for, in f32, since it has no bf16"},
		{"auto", "f32", false, "gpu:0", OK, "map[device:gpu precision:f32]", "gpu:0, the first that can be used, in f32"},
		{"auto", "f16", true, "cpu", OK, "map[]", `cpu, since no other device can be used: open device "gpu": no such device: there is no driver`},
		{"gpu", "tf32", true, `open device "gpu": no such device: there is no driver`, Hardware, "map[]", ""},
	} {
		clear(fakeDevices)
		if c.broken {
			fakeDevices[0] = absent
		}
		e := &Engine{computer: &computer{config: Device{Name: c.name, Precision: c.precision}, log: quiet}}
		digests := map[string]string{}
		err := e.computed(digests)
		if ClassOf(err) != c.class {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := fmt.Sprint(err)
		if err == nil {
			d, _ := e.Computer()
			got = d.Name()
		}
		if got != c.want || fmt.Sprint(digests) != c.digests {
			t.Errorf("%s in %s: got %s with digests %v, want %s with %s", c.name, c.precision, got, digests, c.want, c.digests)
		}
		findings := e.deviceFindings()
		last := findings[len(findings)-1]
		if last.Says != c.says || (last.Err == nil) != (c.class == OK) {
			t.Errorf("%s: the doctor says %q, %v", c.name, last.Says, last.Err)
		}
		if first := findings[0].Says; first != "Model A, 8.0 GiB, 1.5 GiB of it free, driver for CUDA 12.2" {
			t.Errorf("the doctor says %q", first)
		}
		if second := findings[1]; second.Err != nil || !strings.HasSuffix(second.Says, "2.0 GiB, driver for CUDA 12.2, cannot be used: too old") {
			t.Errorf("the doctor says %q, %v", second.Says, second.Err)
		}
	}
	clear(fakeDevices)
	d, err := (&computer{config: Device{Name: "auto", Precision: "f16", Fallback: true}, log: quiet}).open()
	if err != nil || d.Name() != "gpu:0" || device.PrecisionOf(d) != device.F16 {
		t.Errorf("got %v, %v", d, err)
	}
}
