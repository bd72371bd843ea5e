package cuda

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device/cuda/source"
	"github.com/atelier-engine/atelier/core/kernel"
)

var _ Operations = Target{}

// TestPTXBelongsToSources fails when a kernel was changed and its PTX was not.
func TestPTXBelongsToSources(t *testing.T) {
	hashes, err := source.Hashes(os.DirFS("src"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := ptx.ReadDir("ptx")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for _, f := range files {
		name, _, _ := strings.Cut(strings.TrimSuffix(f.Name(), ".ptx"), "_7")
		name, _, _ = strings.Cut(name, "_8")
		text, err := ptx.ReadFile("ptx/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if head, _, _ := strings.Cut(string(text), "\n"); head != "// "+hashes[name] {
			t.Errorf("%s was not made from src/%s.cu as it is: run make ptx", f.Name(), name)
		}
		made[name] = true
	}
	for name := range hashes {
		if !made[name] {
			t.Errorf("src/%s.cu has no PTX: run make ptx", name)
		}
	}
}

// TestModules checks that every kernel is in the PTX of its module, wherever it can run.
func TestModules(t *testing.T) {
	for _, g := range targets {
		found := 0
		for _, m := range g.Modules() {
			for _, k := range m.Kernels {
				if !strings.Contains(m.PTX, ".entry "+k+"(") {
					t.Errorf("%v: module %s lacks kernel %s: run make ptx", g, m.Name, k)
				}
				found++
			}
			if want := ".target sm_"; !strings.Contains(m.PTX, want) || g.Major < 8 && !strings.Contains(m.PTX, ".target sm_70") {
				t.Errorf("%v: module %s is for another GPU", g, m.Name)
			}
		}
		if g.Major >= 8 && found != len(Kernels) {
			t.Errorf("%v: %d kernels in modules, %d in the table", g, found, len(Kernels))
		}
	}
}

// TestParametersAgree compares the parameters that nvcc saw with those that the C++ compiler sees.
func TestParametersAgree(t *testing.T) {
	seen, err := emulate(t).Kernels()
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != len(Kernels) {
		t.Errorf("%d kernels compiled for the CPU, %d in the table", len(seen), len(Kernels))
	}
	for name, kinds := range seen {
		var want []byte
		for _, k := range Kernels[name].Params {
			want = append(want, byte(k))
		}
		if !bytes.Equal(kinds, want) {
			t.Errorf("%s takes %v on the CPU, %v on the GPU", name, kinds, want)
		}
	}
}

// TestLaunchesFit checks that no convolution asks for more shared memory than the GPU was said to have, and that
// parts of sums do not depend on the batch.
func TestLaunchesFit(t *testing.T) {
	for _, g := range targets {
		for _, c := range []kernel.Conv{
			{InC: 3, OutC: 32, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect},
			{InC: 128, OutC: 128, KH: 3, KW: 3, Stride: 1, Pad: 1},
			{InC: 256, OutC: 128, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2},
			{InC: 64, OutC: 3, KH: 31, KW: 31, Stride: 1, Pad: 15},
			{InC: 512, OutC: 256, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true},
			{InC: 100, OutC: 8192, KH: 1, KW: 1, Stride: 1},
			{InC: 8192, OutC: 1, KH: 1, KW: 1, Stride: 1},
		} {
			splits := -1
			for _, n := range []int{1, 64} {
				for _, o := range []Op{
					g.ConvForward(c, 256, 512, Weights{Raw: 1024}, 0, 0, n, 16, 16, kernel.ActReLU),
					g.ConvGradData(c, 256, 512, Weights{Raw: 1024}, n, 16, 16),
					g.ConvGradWeights(c, 256, 512, 1024, n, 16, 16),
				} {
					if len(o.Launches) == 0 {
						t.Errorf("%v: %s of %+v launches nothing", g, o.Name, c)
					}
					for _, l := range o.Launches {
						if l.Shared > max(48<<10, g.Shared) {
							t.Errorf("%v: %s wants %d bytes of shared memory", g, l.Kernel, l.Shared)
						}
					}
				}
				got := g.splits(&gather{n: n, h: 16, w: 16, c: c.InC, oh: 16, ow: 16, nn: c.OutC, kh: c.KH, kw: c.KW, stride: 1})
				if splits >= 0 && got != splits {
					t.Errorf("%v: %+v is cut into %d parts for one sample and %d for %d", g, c, splits, got, n)
				}
				splits = got
			}
		}
	}
}
