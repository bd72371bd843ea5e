package kernel

import "sync"

// A normJob is one call of a normalisation or of its gradient. Small samples are done whole,
// one after the other, while they are in the cache. Large ones are cut into chunks of rows, in
// phases: sums of every chunk, coefficients of every sample from its chunks in order, then the
// chunks again. Jobs and their memory are reused: a call in the steady state allocates nothing.
type normJob struct {
	tiling
	n, hw  int
	rows   int // rows of one chunk
	chunks int // chunks of one sample

	x, y, residual, gamma, beta, mean, invstd []float32
	dx, dy, dgamma, dbeta                     []float32

	perSample bool
	eps       float32
	act       Act

	parts                *partials // [n·chunks][2][c]: two sums of every chunk
	wide                 *floats
	scale, offset, extra []float32 // [n][w]: wide rows of every sample

	phase func(j *normJob, worker, lo, hi int)
	body  func(worker, lo, hi int) // calls phase; made once, so that Parallel needs no closure
}

var normJobs = sync.Pool{New: func() any {
	j := new(normJob)
	j.body = func(worker, lo, hi int) { j.phase(j, worker, lo, hi) }
	return j
}}

// newNormJob checks the sizes of what both directions share.
func newNormJob(x, gamma, mean, invstd []float32, n, hw, c int, perSample bool) *normJob {
	params := c
	if perSample {
		params = n * c
	}
	j := normJobs.Get().(*normJob)
	j.tiling, j.n, j.hw, j.perSample = newTiling(hw, c), n, hw, perSample
	j.rows = j.grain()
	j.chunks = (hw + j.rows - 1) / j.rows
	j.x, j.gamma = x[:n*hw*c], gamma[:params]
	j.mean, j.invstd = mean[:n*c], invstd[:n*c]
	return j
}

func (j *normJob) free() {
	if j.parts != nil {
		j.parts.free()
	}
	if j.wide != nil {
		j.wide.free()
	}
	*j = normJob{body: j.body}
	normJobs.Put(j)
}

// do makes phase the next thing that body does.
func (j *normJob) do(phase func(j *normJob, worker, lo, hi int)) func(worker, lo, hi int) {
	j.phase = phase
	return j.body
}

// whole says whether a sample is small enough to be done in one go.
func (j *normJob) whole() bool { return j.chunks == 1 }

// samples is the number of small samples that make one chunk of work.
func (j *normJob) samples() int { return max(1, chunkFloats/(j.hw*j.c)) }

// allocate takes memory for the sums of every chunk and the wide rows of every sample.
func (j *normJob) allocate() {
	j.parts = newPartials(j.n * j.chunks * 2 * j.c)
	m := j.n * j.w
	j.wide = newFloats(3 * m)
	j.scale, j.offset, j.extra = j.wide.v[:m], j.wide.v[m:2*m], j.wide.v[2*m:]
}

// of is sample s of v (n,hw,c), nil of nil.
func (j *normJob) of(v []float32, s int) []float32 {
	if v == nil {
		return nil
	}
	return v[s*j.hw*j.c:][:j.hw*j.c]
}

// row is the wide row of sample s.
func (j *normJob) row(v []float32, s int) []float32 { return v[s*j.w:][:j.w] }

// chunk k lies in sample s and spans the numbers [lo,hi) of x.
func (j *normJob) chunk(k int) (s, lo, hi int) {
	s = k / j.chunks
	first := k % j.chunks * j.rows
	last := min(j.hw, first+j.rows)
	return s, (s*j.hw + first) * j.c, (s*j.hw + last) * j.c
}

// part is the pair of sums of chunk k.
func (j *normJob) part(k int) []float64 { return j.parts.v[k*2*j.c:][:2*j.c] }

// gather adds the sums of the chunks of sample s, in order, into those of the first.
func (j *normJob) gather(s int) []float64 {
	sum := j.part(s * j.chunks)
	for k := 1; k < j.chunks; k++ {
		for i, v := range j.part(s*j.chunks + k) {
			sum[i] += v
		}
	}
	return sum
}
