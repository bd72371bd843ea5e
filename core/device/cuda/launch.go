package cuda

import (
	"fmt"
	"math"
)

// Ptr is an address in the memory of the device (a CUdeviceptr). 0 is no memory: operands that may be left
// out are left out so. Adding a number of bytes to a Ptr gives an address inside the same buffer. Buffers
// start at multiples of 256 bytes, as the driver's do; addresses inside of them at multiples of 4.
type Ptr uint64

// Add returns the address of value i of an array of 4-byte values.
func (p Ptr) Add(i int) Ptr { return p + Ptr(4*i) }

// Kind is the type of a kernel's parameter.
type Kind uint8

// The kinds of parameters.
const (
	Pointer Kind = iota // 8 bytes, a Ptr
	Int32               // 4 bytes
	Int64               // 8 bytes; no kernel here has one
	Float32             // 4 bytes
)

// String names the kind as the CUDA sources do.
func (k Kind) String() string {
	switch k {
	case Pointer:
		return "pointer"
	case Int32:
		return "int"
	case Float32:
		return "float"
	case Int64:
		return "long long"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Arg is one argument of a launch.
type Arg struct {
	Kind Kind
	// Scratch makes the argument the address of the op's scratch memory plus Bits. Kind is Pointer then.
	Scratch bool
	// Bits holds the value as it lies in memory, little-endian, in the lowest bytes: an address, a signed
	// integer in two's complement, or the bits of a float32.
	Bits uint64
}

// Launch is one launch of a kernel.
type Launch struct {
	Kernel string // its name in the module
	Grid   [3]int // blocks; never zero in any direction
	Block  [3]int // threads of a block
	// Shared is the dynamic shared memory of a block in bytes. More than 48 KiB must be allowed before, once for
	// each kernel, by cuFuncSetAttribute(MAX_DYNAMIC_SHARED_SIZE_BYTES); it is never more than Target.Shared.
	Shared int
	Args   []Arg
}

// Op is an operation on the device: launches that run one after the other on one stream.
type Op struct {
	Name     string // for error messages and measurements
	Launches []Launch
	// Scratch is how many bytes of memory the launches need beside their operands, aligned to 256 bytes. It
	// need not be cleared, and what is in it afterwards is worth nothing: ops on one stream may share it.
	Scratch int
}

// then appends the launches of another op that may use the same scratch memory.
func (o *Op) then(p Op) {
	o.Launches = append(o.Launches, p.Launches...)
	o.Scratch = max(o.Scratch, p.Scratch)
}

// reserve takes n bytes of scratch memory and returns them as an argument.
func (o *Op) reserve(n int) Arg {
	at := o.Scratch
	o.Scratch += (n + 255) &^ 255
	return Arg{Kind: Pointer, Scratch: true, Bits: uint64(at)}
}

// arg makes an argument of a Go value: Ptr, int (an Int32), float32, bool (an Int32), or an Arg.
func arg(v any) Arg {
	switch v := v.(type) {
	case Arg:
		return v
	case Ptr:
		return Arg{Kind: Pointer, Bits: uint64(v)}
	case int:
		if v != int(int32(v)) {
			panic(fmt.Sprintf("cuda: %d is no 32-bit argument", v))
		}
		return Arg{Kind: Int32, Bits: uint64(uint32(int32(v)))}
	case bool:
		if v {
			return Arg{Kind: Int32, Bits: 1}
		}
		return Arg{Kind: Int32}
	case float32:
		return Arg{Kind: Float32, Bits: uint64(math.Float32bits(v))}
	}
	panic(fmt.Sprintf("cuda: %T is no argument of a kernel", v))
}

// launch appends a launch, after a check against the table of kernels: a mistake here would be a wild write
// there. Empty grids launch nothing.
func (o *Op) launch(name string, grid, block [3]int, shared int, args ...any) {
	if grid[0] == 0 || grid[1] == 0 || grid[2] == 0 {
		return
	}
	k, ok := Kernels[name]
	if !ok {
		panic("cuda: no kernel " + name)
	}
	if len(args) != len(k.Params) {
		panic(fmt.Sprintf("cuda: %s takes %d arguments, not %d", name, len(k.Params), len(args)))
	}
	l := Launch{Kernel: name, Grid: grid, Block: block, Shared: shared, Args: make([]Arg, len(args))}
	for i, v := range args {
		l.Args[i] = arg(v)
		if l.Args[i].Kind != k.Params[i] {
			panic(fmt.Sprintf("cuda: %s: argument %d is a %v, not a %v", name, i, k.Params[i], l.Args[i].Kind))
		}
	}
	for i := 1; i < 3; i++ {
		if grid[i] > 65535 {
			panic(fmt.Sprintf("cuda: %s: grid %v is too large", name, grid))
		}
	}
	o.Launches = append(o.Launches, l)
}
