package cuda

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// emulator is the kernels' sources compiled for the CPU, running beside the test; see emulate.
type emulator struct {
	program string
	process *exec.Cmd
	in      *bufio.Writer
	out     *bufio.Reader
	buffers int
}

var (
	once    sync.Once
	machine *emulator
	missing string // why there is no emulator
	workdir string
)

func TestMain(m *testing.M) {
	code := m.Run()
	if workdir != "" {
		os.RemoveAll(workdir)
	}
	os.Exit(code)
}

// emulate returns the emulator. Without a C++ compiler the test is skipped, and the first one says so.
func emulate(t rapid.TB) *emulator {
	t.Helper()
	once.Do(func() {
		var err error
		if machine, err = start(); err != nil {
			missing = err.Error()
		}
	})
	if machine == nil {
		if strings.HasPrefix(missing, "no ") {
			t.Skip(missing + ": the CUDA kernels are not tested")
		}
		t.Fatal(missing)
	}
	return machine
}

func start() (*emulator, error) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		return nil, fmt.Errorf("no emulator of a GPU on %s", runtime.GOOS)
	}
	gcc, err := exec.LookPath("g++")
	if err != nil {
		if gcc, err = exec.LookPath("clang++"); err != nil {
			return nil, fmt.Errorf("no C++ compiler (g++ or clang++)")
		}
	}
	if workdir, err = os.MkdirTemp("", "atelier-cuda"); err != nil {
		return nil, err
	}
	var inc strings.Builder
	files, _ := filepath.Glob("src/*.cu")
	for _, f := range files {
		abs, _ := filepath.Abs(f)
		fmt.Fprintf(&inc, "#include %q\n", abs)
	}
	var names []string
	for k := range Kernels {
		names = append(names, k)
	}
	sort.Strings(names)
	inc.WriteString("static void register_kernels() {\n")
	for _, k := range names {
		fmt.Fprintf(&inc, "kernels[%q] = Of<%s>::entry();\n", k, k)
	}
	inc.WriteString("}\n")
	if err := os.WriteFile(filepath.Join(workdir, "sources.inc"), []byte(inc.String()), 0o644); err != nil {
		return nil, err
	}
	program := filepath.Join(workdir, "emulator")
	compile := exec.Command(gcc, "-std=c++17", "-O1", "-w", "-ffp-contract=off", "-I"+workdir, "-Iemulate", "-Isrc", "emulate/main.cpp", "-o", program)
	if text, err := compile.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the kernels for the CPU: %v\n%s", err, text)
	}
	e := &emulator{program: program}
	return e, e.restart()
}

// restart ends the process, if there is one, and starts another.
func (e *emulator) restart() error {
	if e.process != nil {
		e.process.Process.Kill()
		e.process.Wait()
	}
	e.process = exec.Command(e.program)
	e.process.Stderr = os.Stderr
	in, err := e.process.StdinPipe()
	if err != nil {
		return err
	}
	out, err := e.process.StdoutPipe()
	if err != nil {
		return err
	}
	e.in, e.out, e.buffers = bufio.NewWriter(in), bufio.NewReader(out), 0
	return e.process.Start()
}

func (e *emulator) number(v ...int) {
	for _, v := range v {
		binary.Write(e.in, binary.LittleEndian, uint64(v))
	}
}

// put makes a buffer of any data and returns its address.
func (e *emulator) put(data any) Ptr {
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, data)
	e.number('B', b.Len())
	e.in.Write(b.Bytes())
	e.buffers++
	return Ptr(e.buffers) << 40
}

// get reads a buffer back into data, a slice of its length.
func (e *emulator) get(p Ptr, data any) error {
	e.number('R', int(p>>40)-1)
	e.in.Flush()
	return binary.Read(e.out, binary.LittleEndian, data)
}

func (e *emulator) free() {
	e.number('F')
	e.buffers = 0
}

// The orders in which the threads of a block run, and the times at which asynchronous copies land.
const (
	rising   = iota // copies as late as possible
	falling         // copies at once
	shuffled        // copies as late as possible
	schedules
)

// run executes the launches of an op. Its scratch memory starts as NaN.
func (e *emulator) run(o Op, schedule int) error {
	scratch := Ptr(0)
	if o.Scratch > 0 {
		scratch = e.put(bytes.Repeat([]byte{0xff}, o.Scratch))
	}
	for _, l := range o.Launches {
		e.number('L', len(l.Kernel))
		e.in.WriteString(l.Kernel)
		e.number(l.Grid[:]...)
		e.number(l.Block[:]...)
		e.number(l.Shared, schedule, len(l.Args))
		for _, a := range l.Args {
			bits := a.Bits
			if a.Scratch {
				bits += uint64(scratch)
			}
			binary.Write(e.in, binary.LittleEndian, bits)
		}
		e.in.Flush()
		var n uint64
		if err := binary.Read(e.out, binary.LittleEndian, &n); err != nil {
			return fmt.Errorf("%s: the emulator ended: %v", l.Kernel, err)
		}
		if n > 0 {
			text := make([]byte, n)
			io.ReadFull(e.out, text)
			machine.restart() // it ends after a crash, and its memory is worth nothing after other mistakes
			return fmt.Errorf("%s", text)
		}
	}
	return nil
}

// memory is a buffer of a test: its contents before and, after check, after.
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
	return emulate(t).execute(t, what, op, ms...)
}

func (e *emulator) execute(t reporter, what string, op func() Op, ms ...*memory) bool {
	t.Helper()
	first := map[*memory][]float32{}
	for s := range schedules {
		e.free()
		for _, m := range ms {
			m.ptr = e.put(m.before)
		}
		if err := e.run(op(), s); err != nil {
			t.Errorf("%s: %v", what, err)
			return false
		}
		for _, m := range ms {
			now := make([]float32, len(m.before))
			if err := e.get(m.ptr, now); err != nil {
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
