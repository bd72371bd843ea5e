//go:build gpu

package gpu

import (
	"os"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// These tests go through cu to the mock driver in trampoline/mock.c: make test-mock runs them, with MOCK_CUDA as
// each wants it, in processes of their own.

func mocked(t *testing.T, want string) *Device {
	t.Helper()
	if os.Getenv("MOCK_CUDA") != want {
		t.Skip("make test-mock runs this")
	}
	d, err := openGPU(0, device.TF32)
	if err != nil {
		t.Fatal(err)
	}
	return d.(*Device)
}

// simple is a network of the two kernels that the mock driver knows.
func simple() *device.Graph {
	g := device.NewGraph("simple")
	x := g.Input("x", device.Shape{C: 3})
	y := g.Activate(x, kernel.ActReLU)
	g.Output(g.Add(g.Add(y, x), y))
	return g
}

func TestMockRuns(t *testing.T) {
	d := mocked(t, "devices:2")
	g := simple()
	p := compile(t, d, g)
	for _, side := range []int{5, 1100, 5} { // one chunk, two, and memory that is used again
		in := []device.Tensor{randomTensor(1, 1, side, side, 3)}
		if s := differ(run(t, p, g, in), run(t, compile(t, device.NewCPU(), g), g, in), 1e-6); s != "" {
			t.Fatal(s)
		}
	}
	s := d.NewSession()
	x, y := randomTensor(1, 1, 1, 1, 1000).Data, make([]float32, 1000)
	for range 3 {
		if err := s.Linear(y, x, x, 2, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Sync(y); err != nil || y[7] != 3*x[7] {
		t.Errorf("%g of %g, %v", y[7], x[7], err)
	}
	list := device.List() // of the first the open context is asked, of the second a new one
	if len(list) != 2 || list[1].Name != "gpu:1" || list[1].Err != nil || list[1].Driver != "12.2" {
		t.Errorf("got %+v", list)
	}
	for _, i := range list {
		if i.Memory != 8<<30 || i.Free <= 0 || i.Free >= i.Memory { // the mock counts for both together
			t.Errorf("%s: %d of %d bytes are free", i.Name, i.Free, i.Memory)
		}
	}
	if _, err := device.Open("gpu:2", device.TF32); err == nil {
		t.Error("a third GPU was opened")
	}
}

func TestMockWithoutRoom(t *testing.T) {
	if os.Getenv("MOCK_CUDA") != "context:2" {
		t.Skip("make test-mock runs this")
	}
	list := device.List()
	if len(list) != 1 || list[0].Free != 0 {
		t.Fatalf("got %+v", list)
	}
	wants(t, list[0].Err, device.ErrMemory, "open the GPU")
}

func TestMockFailure(t *testing.T) {
	d := mocked(t, "launch:719")
	p := compile(t, d, simple())
	in := []device.Tensor{randomTensor(1, 1, 5, 5, 3)}
	wants(t, p.Run(make([]device.Tensor, 1), in), device.ErrLost, "launch activation: a kernel failed (CUDA error 719)")
	_, err := device.Open("gpu", device.TF32)
	wants(t, err, device.ErrLost)
}

func TestMockMemory(t *testing.T) {
	d := mocked(t, "memory:2000000")
	p := compile(t, d, simple())
	err := p.Run(make([]device.Tensor, 1), []device.Tensor{randomTensor(1, 1, 500, 500, 3)})
	wants(t, err, device.ErrMemory, "instead of 500x500 would fit")
	run(t, p, simple(), []device.Tensor{randomTensor(1, 1, 50, 50, 3)})
}
