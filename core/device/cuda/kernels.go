package cuda

// Param is a parameter of a kernel.
type Param struct {
	Name string
	Kind Kind
}

// Kernel describes a kernel of the modules.
type Kernel struct {
	Name   string
	Params []Param
}

// Kernels are all kernels, by name.
var Kernels = map[string]Kernel{}
