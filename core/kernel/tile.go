package kernel

import "unsafe"

// tileArgs drives the tile kernel; gen/tile.go has the formula. Offsets and
// strides are in bytes.
type tileArgs struct {
	a, b, c  unsafe.Pointer
	taps     *int64
	ntaps    int64
	kc       int64
	lda, ldc int64
	bias     unsafe.Pointer
	flags    int64
	slope    float32
	_        float32
}

const (
	tileAccumulate = 1 << iota // start from c, not from the bias
	tileActivate               // max(v, slope·v) at the end
)

// gradArgs drives the kernel of the gradient to the weights.
type gradArgs struct {
	a, b, c unsafe.Pointer
	segs    *[2]int64 // byte offsets into a and b
	nsegs   int64
	k       int64 // length of each segment in pixels
	ka      int64 // bytes from pixel to pixel in a
	ldc     int64
}

// winogradArgs drives both Winograd transforms.
type winogradArgs struct {
	dst, src        unsafe.Pointer
	row, pix, plane int64
	tmp             unsafe.Pointer
	groups          int64
	bias            unsafe.Pointer
	slope           float32
	_               float32
}

// workerArgs are the argument blocks of each worker. They live here because a
// call through a function value would move them to the heap.
var workerArgs [maxWorkers + maxNesting]struct {
	tile tileArgs
	grad gradArgs
	wino winogradArgs
	_    [64]byte
}

// micro is the set of micro-kernels of one instruction set. tile[r] and
// grad[r] compute r rows of width columns.
type micro struct {
	rows, width int
	tile, grad  []func(*uint64)
	winogradIn  func(*uint64)
	winogradOut func(*uint64)
	peak        func(*uint64) // for benchmarks: independent multiply-adds, peakFLOPs a round
	peakFLOPs   float64
}

func (m *micro) lanes() int { return m.width / 2 }

func (a *tileArgs) run(m *micro, rows int)   { m.tile[rows]((*uint64)(unsafe.Pointer(a))) }
func (a *gradArgs) run(m *micro, rows int)   { m.grad[rows]((*uint64)(unsafe.Pointer(a))) }
func (a *winogradArgs) in(m *micro)          { m.winogradIn((*uint64)(unsafe.Pointer(a))) }
func (a *winogradArgs) out(m *micro)         { m.winogradOut((*uint64)(unsafe.Pointer(a))) }
func addr(s []float32, i int) unsafe.Pointer { return unsafe.Pointer(&s[i]) }

// split cuts n rows into runs of nearly equal length, at most limit long; it
// returns how many. Run i is [n·i/count, n·(i+1)/count).
func split(n, limit int) int { return (n + limit - 1) / limit }

// microPlain is the portable set: the same blocking, Go loops inside.
var microPlain = micro{rows: 4, width: 16, tile: repeat(5, tilePlain), grad: repeat(5, gradPlain)}

func repeat(n int, f func(rows int) func(*uint64)) []func(*uint64) {
	all := make([]func(*uint64), n)
	for i := range all {
		all[i] = f(i)
	}
	return all
}

// tilePlain makes the tile kernel for a number of rows and 16 columns.
func tilePlain(rows int) func(*uint64) {
	return func(p *uint64) {
		t := (*tileArgs)(unsafe.Pointer(p))
		taps := unsafe.Slice(t.taps, t.ntaps)
		for i := range rows {
			c := (*[16]float32)(unsafe.Add(t.c, i*int(t.ldc)))
			var acc [16]float32
			if t.flags&tileAccumulate != 0 {
				acc = *c
			} else if t.bias != nil {
				acc = *(*[16]float32)(t.bias)
			}
			b := t.b
			for _, tap := range taps {
				a := unsafe.Add(t.a, i*int(t.lda)+int(tap))
				for range t.kc {
					v, w := *(*float32)(a), (*[16]float32)(b)
					for j := range acc {
						acc[j] += v * w[j]
					}
					a, b = unsafe.Add(a, 4), unsafe.Add(b, 64)
				}
			}
			if t.flags&tileActivate != 0 {
				for j, v := range acc {
					acc[j] = max(v, t.slope*v)
				}
			}
			*c = acc
		}
	}
}

// gradPlain makes the gradient kernel for a number of rows and 16 columns.
func gradPlain(rows int) func(*uint64) {
	return func(p *uint64) {
		t := (*gradArgs)(unsafe.Pointer(p))
		for i := range rows {
			c := (*[16]float32)(unsafe.Add(t.c, i*int(t.ldc)))
			var acc [16]float32
			for _, s := range unsafe.Slice(t.segs, t.nsegs) {
				a, b := unsafe.Add(t.a, int(s[0])+4*i), unsafe.Add(t.b, int(s[1]))
				for range t.k {
					v, w := *(*float32)(a), (*[16]float32)(b)
					for j := range acc {
						acc[j] += v * w[j]
					}
					a, b = unsafe.Add(a, int(t.ka)), unsafe.Add(b, 64)
				}
			}
			for j, v := range acc {
				c[j] += v
			}
		}
	}
}
