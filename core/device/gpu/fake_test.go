package gpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"sync"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device/cuda"
)

// fake is a driver in Go. Its streams run late and in a random order, as far as waits allow: work that relies on
// an order that it did not ask for gives wrong numbers. New memory holds NaN. Faults can be injected.
type fake struct {
	mu      sync.Mutex // the tests look in
	is      about
	limit   int // bytes of memory
	memory  []*region
	next    cuda.Ptr
	queues  [streams][]command
	events  []*mark
	random  *rand.Rand
	eager   bool // run everything at once
	allocs  int
	used    int
	foreign int // bytes that other processes hold
	kernels []func(m *fake)
	names   []string       // of the launches
	faults  sync.Mutex     // guards broken: a test breaks what is at work
	broken  map[string]int // code with which a call fails
	ptx     []string       // compiled so far
	pinned  int
}

// region is a piece of device memory.
type region struct {
	at   cuda.Ptr
	data []float32
}

// mark is an event: how often it was recorded, and the last record that is over.
type mark struct{ recorded, over int }

// command is an entry of a stream.
type command struct {
	f     func()
	event *mark // to be waited for
	turn  int
}

func newFake() *fake {
	return &fake{is: about{model: "Fake 1", driver: 12020, major: 9, minor: 0, processors: 4, shared: 96 << 10, memory: 1 << 30},
		limit: 1 << 30, next: 1 << 40, random: rand.New(rand.NewPCG(1, 2)), broken: map[string]int{}}
}

func (m *fake) fail(call, doing string) error {
	m.faults.Lock()
	code := m.broken[call]
	m.faults.Unlock()
	if code != 0 {
		return &Failure{Doing: doing, Code: code}
	}
	return nil
}

// breaks lets a call fail from now on; with the code 0 it works again.
func (m *fake) breaks(call string, code int) {
	m.faults.Lock()
	defer m.faults.Unlock()
	m.broken[call] = code
}

func (m *fake) about() about { return m.is }
func (m *fake) load(from *module) error {
	m.ptx = append(m.ptx, from.ptx)
	return m.fail("load", "compile the kernels")
}

func (m *fake) room() (int64, int64, error) {
	return int64(m.limit - m.used - m.foreign), int64(m.limit), m.fail("room", "ask for memory")
}

func (m *fake) alloc(bytes int) (cuda.Ptr, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.allocs++
	if m.used+m.foreign+bytes > m.limit {
		return 0, &Failure{Doing: fmt.Sprintf("allocate %s", mebi(int64(bytes))), Code: outOfMemory}
	}
	if err := m.fail("alloc", "allocate"); err != nil {
		return 0, err
	}
	m.used += bytes
	r := &region{m.next, make([]float32, bytes/4)}
	for i := range r.data {
		r.data[i] = float32(math.NaN())
	}
	m.next += cuda.Ptr(bytes+511)&^255 + 256
	m.memory = append(m.memory, r)
	return r.at, nil
}

func (m *fake) free(p cuda.Ptr) error {
	for i, r := range m.memory {
		if r.at == p {
			m.flush() // as cuMemFree does
			m.memory = append(m.memory[:i], m.memory[i+1:]...)
			m.used -= 4 * len(r.data)
			return nil
		}
	}
	panic("free of what was not allocated")
}

// at gives n values of device memory.
func (m *fake) at(p cuda.Ptr, n int) []float32 {
	if p == 0 {
		return nil
	}
	i := sort.Search(len(m.memory), func(i int) bool { return m.memory[i].at > p }) - 1
	if i < 0 {
		panic(fmt.Sprintf("access to %x: nothing is there", uint64(p)))
	}
	r := m.memory[i]
	from := int(p-r.at) / 4
	if p%4 != 0 || from+n > len(r.data) {
		panic(fmt.Sprintf("access to %d values at %d of a block of %d", n, from, len(r.data)))
	}
	return r.data[from : from+n : from+n]
}

func (m *fake) indices(p cuda.Ptr, n int) []int32 {
	if p == 0 {
		return nil
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(m.at(p, n)))), n)
}

func (m *fake) pin(bytes int) ([]byte, error) {
	m.pinned += bytes
	return make([]byte, bytes), m.fail("pin", "pin memory")
}

func (m *fake) upload(dst cuda.Ptr, src []byte, s stream) error {
	m.enqueue(s, command{f: func() { copy(bytesOf(m.at(dst, len(src)/4)), src) }})
	return m.fail("upload", "copy to the GPU")
}

func (m *fake) download(dst []byte, src cuda.Ptr, s stream) error {
	m.enqueue(s, command{f: func() { copy(dst, bytesOf(m.at(src, len(dst)/4))) }})
	return m.fail("download", "copy from the GPU")
}

func (m *fake) launch(l *cuda.Launch, scratch cuda.Ptr, s stream) error {
	if err := m.fail("launch", "launch "+l.Kernel); err != nil {
		return err
	}
	if err := m.fail("launch "+l.Kernel, "launch "+l.Kernel); err != nil {
		return err
	}
	m.names = append(m.names, l.Kernel)
	m.mu.Lock()
	f := m.kernels[l.Args[0].Bits]
	m.mu.Unlock()
	m.enqueue(s, command{f: func() {
		for _, a := range l.Args {
			if a.Scratch { // worth nothing, before and after
				for i, v := 0, m.at(scratch+cuda.Ptr(a.Bits), 64); i < len(v); i++ {
					v[i] = float32(math.NaN())
				}
			}
		}
		f(m)
	}})
	return nil
}

func (m *fake) event() (event, error) {
	m.events = append(m.events, &mark{})
	return event(len(m.events) - 1), m.fail("event", "make an event")
}

func (m *fake) record(e event, s stream) error {
	k := m.events[e]
	k.recorded++
	turn := k.recorded
	m.enqueue(s, command{f: func() { k.over = turn }})
	return m.fail("record", "record")
}

func (m *fake) wait(s stream, e event) error {
	m.enqueue(s, command{event: m.events[e], turn: m.events[e].recorded})
	return m.fail("wait", "wait")
}

func (m *fake) over(e event) (bool, error) {
	if err := m.fail("over", "wait for the GPU"); err != nil {
		return false, err
	}
	m.advance(3)
	return m.events[e].over == m.events[e].recorded, nil
}

func (m *fake) enqueue(s stream, c command) {
	m.queues[s] = append(m.queues[s], c)
	if m.eager {
		m.flush()
	} else if m.random.IntN(4) == 0 {
		m.advance(m.random.IntN(3))
	}
}

// advance runs some commands of streams drawn by chance.
func (m *fake) advance(n int) {
	for range n {
		m.step(stream(m.random.IntN(int(streams))))
	}
}

// step runs the next command of a stream, unless it waits.
func (m *fake) step(s stream) bool {
	q := m.queues[s]
	if len(q) == 0 || q[0].event != nil && q[0].event.over < q[0].turn {
		return false
	}
	m.queues[s] = q[1:]
	if q[0].f != nil {
		q[0].f()
	}
	return true
}

// flush runs everything.
func (m *fake) flush() {
	for some := true; some; {
		some = false
		for s := range streams {
			for m.step(s) {
				some = true
			}
		}
	}
}
