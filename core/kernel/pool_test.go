package kernel

import (
	"sync"
	"sync/atomic"
	"testing"
)

// withWorkers runs f as sub-tests with several numbers of workers, then restores the number.
func withWorkers(t *testing.T, f func(t *testing.T, workers int)) {
	t.Helper()
	old := Workers()
	defer SetWorkers(old)
	for _, w := range []int{1, 2, 3, 4} {
		SetWorkers(w)
		f(t, w)
	}
}

func TestPoolCoversEveryElementOnce(t *testing.T) {
	withWorkers(t, func(t *testing.T, workers int) {
		for _, n := range []int{0, 1, 2, 7, 64, 1000} {
			for _, grain := range []int{0, 1, 3, 64, 5000} {
				hits := make([]int32, n)
				Parallel(n, grain, func(worker, lo, hi int) {
					if worker < 0 || worker >= workers {
						t.Errorf("worker %d of %d", worker, workers)
					}
					g := max(1, grain)
					if lo%g != 0 || hi != min(n, lo+g) {
						t.Errorf("chunk [%d,%d) of n=%d grain=%d", lo, hi, n, grain)
					}
					for i := lo; i < hi; i++ {
						atomic.AddInt32(&hits[i], 1)
					}
				})
				for i, h := range hits {
					if h != 1 {
						t.Fatalf("n=%d grain=%d: element %d ran %d times", n, grain, i, h)
					}
				}
			}
		}
	})
}

// Callers from many goroutines queue; no two running bodies share a worker's scratch memory.
func TestPoolConcurrentCallers(t *testing.T) {
	withWorkers(t, func(t *testing.T, workers int) {
		var callers sync.WaitGroup
		var total atomic.Int64
		for c := range 6 {
			callers.Go(func() {
				for range 50 {
					Parallel(37, 2, func(worker, lo, hi int) {
						s := scratch(worker, 0, 64)
						for i := range s {
							s[i] = float32(c)
						}
						for i := range s {
							if s[i] != float32(c) {
								t.Errorf("scratch of worker %d was shared", worker)
								return
							}
						}
						total.Add(int64(hi - lo))
					})
				}
			})
		}
		callers.Wait()
		if got := total.Load(); got != 6*50*37 {
			t.Errorf("ran %d elements, want %d", got, 6*50*37)
		}
	})
}

func TestPoolNestedCallsRunInline(t *testing.T) {
	withWorkers(t, func(t *testing.T, _ int) {
		var total atomic.Int64
		Parallel(8, 1, func(outer, _, _ int) {
			mine := scratch(outer, 0, 8)
			mine[0] = 42
			Parallel(10, 3, func(inner, lo, hi int) {
				scratch(inner, 0, 8)[0] = 7
				Parallel(2, 1, func(_, a, b int) { total.Add(int64((b - a) * (hi - lo))) })
			})
			if mine[0] != 42 {
				t.Error("a nested body wrote into the scratch memory around it")
			}
		})
		if got := total.Load(); got != 8*10*2 {
			t.Errorf("counted %d, want %d", got, 8*10*2)
		}
	})
}

func TestPoolSurvivesPanic(t *testing.T) {
	old := Workers()
	defer SetWorkers(old)
	SetWorkers(1)
	func() {
		defer func() { _ = recover() }()
		Parallel(4, 1, func(_, _, _ int) { panic("body") })
	}()
	ran := 0
	Parallel(4, 1, func(_, lo, hi int) { ran += hi - lo })
	if ran != 4 {
		t.Errorf("after a panic %d of 4 elements ran", ran)
	}
}

func TestPoolAllocates(t *testing.T) {
	var sink atomic.Int64
	f := func(_, lo, hi int) { sink.Add(int64(hi - lo)) }
	if a := testing.AllocsPerRun(100, func() { Parallel(100, 10, f) }); a > 0 {
		t.Errorf("Parallel allocates %v times", a)
	}
}

func TestSetWorkersClips(t *testing.T) {
	old := Workers()
	defer SetWorkers(old)
	for _, c := range []struct{ set, want int }{{-3, 1}, {0, 1}, {5, 5}, {1000, maxWorkers}} {
		if SetWorkers(c.set); Workers() != c.want {
			t.Errorf("SetWorkers(%d) gives %d, want %d", c.set, Workers(), c.want)
		}
	}
}

func BenchmarkParallel(b *testing.B) {
	for b.Loop() {
		Parallel(8, 1, func(_, _, _ int) {})
	}
}
