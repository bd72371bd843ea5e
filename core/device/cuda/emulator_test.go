package cuda

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"math"
	"os"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/device/cuda/emulator"
)

var (
	once    sync.Once
	machine *emulator.Emulator
	failed  error
)

// checks is how many geometries TestConvShapes and TestPlanes draw, unless -rapid.checks says otherwise.
const checks = "25"

func TestMain(m *testing.M) {
	flag.Set("rapid.checks", checks)
	flag.Parse()
	code := m.Run()
	if machine != nil {
		machine.Close()
	}
	os.Exit(code)
}

// emulate returns the emulator. Without a C++ compiler the test is skipped.
func emulate(t rapid.TB) *emulator.Emulator {
	t.Helper()
	once.Do(func() {
		var names []string
		for k := range Kernels {
			names = append(names, k)
		}
		machine, failed = emulator.Start(".", names)
	})
	if errors.Is(failed, emulator.ErrAbsent) {
		t.Skip(failed)
	}
	if failed != nil {
		t.Fatal(failed)
	}
	return machine
}

// put makes a buffer of values and returns its address.
func put(e *emulator.Emulator, v []float32) Ptr {
	p := e.Alloc(4 * len(v))
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, v)
	e.Write(p, b.Bytes())
	return Ptr(p)
}

// get reads n values back.
func get(e *emulator.Emulator, p Ptr, n int) ([]float32, error) {
	b, v := make([]byte, 4*n), make([]float32, n)
	if err := e.Read(uint64(p), b); err != nil {
		return nil, err
	}
	return v, binary.Read(bytes.NewReader(b), binary.LittleEndian, v)
}

// launched are the kernels that ran.
var launched = map[string]bool{}

// run executes the launches of an op. Its scratch memory starts as NaN.
func run(e *emulator.Emulator, o Op, s emulator.Schedule) error {
	scratch := uint64(0)
	if o.Scratch > 0 {
		scratch = e.Alloc(o.Scratch)
	}
	for _, l := range o.Launches {
		args := make([]uint64, len(l.Args))
		for i, a := range l.Args {
			if args[i] = a.Bits; a.Scratch {
				args[i] += scratch
			}
		}
		launched[l.Kernel] = true
		if err := e.Launch(emulator.Launch{Kernel: l.Kernel, Grid: l.Grid, Block: l.Block, Shared: l.Shared, Args: args}, s); err != nil {
			return err
		}
	}
	return nil
}

// memory is a buffer of a test: its contents before and, if it is a result, after execute.
type memory struct {
	name   string
	before []float32
	result []float32
	ptr    Ptr
}

// given is an operand that must not change.
func given(name string, v []float32) *memory { return &memory{name: name, before: v} }

// wanted is a result of n values that starts as NaN.
func wanted(name string, n int) *memory {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(math.NaN())
	}
	return &memory{name: name, before: v, result: v}
}

// changed is an operand that is a result too.
func changed(name string, v []float32) *memory { return &memory{name: name, before: v, result: v} }

// reporter is what execute tells of mistakes.
type reporter interface {
	Helper()
	Errorf(format string, a ...any)
}

// execute runs an op under every schedule, with fresh buffers each time. Results must be the same bits, and
// operands unchanged. It leaves the results in the memories.
func execute(t rapid.TB, what string, op func() Op, ms ...*memory) bool {
	t.Helper()
	return executeOn(emulate(t), t, what, op, ms...)
}

func executeOn(e *emulator.Emulator, t reporter, what string, op func() Op, ms ...*memory) bool {
	t.Helper()
	first := map[*memory][]float32{}
	for s := range emulator.Schedules {
		e.FreeAll()
		for _, m := range ms {
			m.ptr = put(e, m.before)
		}
		if err := run(e, op(), s); err != nil {
			t.Errorf("%s: %v", what, err)
			return false
		}
		for _, m := range ms {
			now, err := get(e, m.ptr, len(m.before))
			if err != nil {
				t.Errorf("%s: read %s: %v", what, m.name, err)
				return false
			}
			want := m.before
			if m.result != nil {
				if s == 0 {
					first[m] = now
				}
				want = first[m]
			}
			for i := range want {
				if math.Float32bits(now[i]) != math.Float32bits(want[i]) {
					t.Errorf("%s: %s[%d] is %v on schedule %d, and was %v", what, m.name, i, now[i], s, want[i])
					return false
				}
			}
		}
	}
	for m, v := range first {
		m.result = v
	}
	return true
}
