package cuda

import (
	"embed"
	"sort"
	"strings"
)

// Kernel describes a kernel.
type Kernel struct {
	Name   string
	Module string // the module it is in
	Params []Kind
}

//go:embed ptx/*.ptx
var ptx embed.FS

// Module is PTX that the driver compiles for its GPU, which takes a while: load it when its first kernel is
// wanted. The text is ISA 7.8, which drivers know from 520 (CUDA 11.8) on.
type Module struct {
	Name    string
	PTX     string
	Kernels []string // sorted
}

// Modules returns the modules for the GPU, sorted by name. Each kernel is in one of them; those for tensor
// cores are left out where there are none.
func (t Target) Modules() []Module {
	kernels := map[string][]string{}
	for _, k := range Kernels {
		kernels[k.Module] = append(kernels[k.Module], k.Name)
	}
	var ms []Module
	for name, ks := range kernels {
		text, err := ptx.ReadFile("ptx/" + name + "_80.ptx")
		if t.Major < 8 || err != nil {
			if text, err = ptx.ReadFile("ptx/" + name + "_70.ptx"); err != nil {
				continue
			}
		}
		sort.Strings(ks)
		ms = append(ms, Module{Name: name, PTX: string(text), Kernels: ks})
	}
	sort.Slice(ms, func(i, j int) bool { return strings.Compare(ms[i].Name, ms[j].Name) < 0 })
	return ms
}
