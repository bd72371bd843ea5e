//go:build !gpu

package engine

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
)

// fakeKind registers a kind of device once for all tests of the package.
var fakeDevices = func() map[int]error {
	failures := map[int]error{}
	device.Register("gpu", device.Kind{
		Open: func(n int) (device.Device, error) {
			if err, ok := failures[n]; ok {
				return nil, err
			}
			return renamed{device.NewCPU(), fmt.Sprintf("gpu:%d", n)}, nil
		},
		List: func() []device.Info {
			return []device.Info{
				{Name: "gpu:0", Model: "Model A", Driver: "12.2", Memory: 8 << 30},
				{Name: "gpu:1", Model: "Model B", Driver: "12.2", Memory: 2 << 30, Err: errors.New("too old")},
			}
		},
	})
	return failures
}()

// renamed is a device under another name.
type renamed struct {
	device.Device
	name string
}

func (r renamed) Name() string { return r.name }

func TestComputer(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	absent := fmt.Errorf("%w: there is no driver", device.ErrAbsent)
	for _, c := range []struct {
		name   string
		broken bool
		want   string // the device, or the error
		class  Class
		digest string
		says   string // the doctor
	}{
		{"cpu", false, "cpu", OK, "", "cpu, as was asked for"},
		{"gpu:1", false, "gpu:1", OK, "gpu", "gpu:1, as was asked for"},
		{"auto", false, "gpu:0", OK, "gpu", "gpu:0, the first that can be used"},
		{"auto", true, "cpu", OK, "", `cpu, since no other device can be used: open device "gpu": no such device: there is no driver`},
		{"gpu", true, `open device "gpu": no such device: there is no driver`, Hardware, "", ""},
	} {
		clear(fakeDevices)
		if c.broken {
			fakeDevices[0] = absent
		}
		e := &Engine{computer: &computer{config: Device{Name: c.name}, log: quiet}}
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
		if got != c.want || digests["device"] != c.digest {
			t.Errorf("%s: got %s with digests %v, want %s with %q", c.name, got, digests, c.want, c.digest)
		}
		findings := e.deviceFindings()
		last := findings[len(findings)-1]
		if last.Says != c.says || (last.Err == nil) != (c.class == OK) {
			t.Errorf("%s: the doctor says %q, %v", c.name, last.Says, last.Err)
		}
		if first := findings[0].Says; first != "Model A, 8.0 GiB, driver for CUDA 12.2" {
			t.Errorf("the doctor says %q", first)
		}
		if second := findings[1]; second.Err != nil || !strings.HasSuffix(second.Says, "cannot be used: too old") {
			t.Errorf("the doctor says %q, %v", second.Says, second.Err)
		}
	}
	clear(fakeDevices)
	if d, err := (&computer{config: Device{Name: "auto", Fallback: true}, log: quiet}).open(); err != nil || d.Name() != "gpu:0" {
		t.Errorf("got %v, %v", d, err)
	}
}
