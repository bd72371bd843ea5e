package gpu

import (
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// chunk is how much is copied at a time, bytes. While one chunk is on its way, the processor fills or empties the
// other one.
const chunk = 8 << 20

// A lane copies in one direction. Memory of Go can move between processor and GPU only through pinned memory;
// the driver would do the same, but make its caller wait.
type lane struct {
	owner  *owner
	stream stream

	mu     sync.Mutex
	pinned [2][]byte
	free   [2]event // when the chunk may be used again
}

// newLane takes the pinned memory.
func newLane(o *owner, s stream) (*lane, error) {
	l := &lane{owner: o, stream: s}
	err := o.do(func(o *owner) (err error) {
		for i := range l.pinned {
			if l.pinned[i], err = o.driver.pin(chunk); err != nil {
				return err
			}
			if l.free[i], err = o.driver.event(); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

// in copies src to the device, once the event is over that says that the memory may be written. It returns when
// src may be changed; the copy is then on its way, and done before what is enqueued on the lane's stream
// afterwards.
func (l *lane) in(dst cuda.Ptr, src []float32, after event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	from, waits := bytesOf(src), true
	for i := 0; len(from) > 0; i = 1 - i {
		if err := l.owner.await(l.free[i]); err != nil {
			return err
		}
		part := l.pinned[i][:min(chunk, len(from))]
		copyBytes(part, from)
		from = from[len(part):]
		err := l.owner.do(func(o *owner) error {
			if waits {
				if err := o.driver.wait(l.stream, after); err != nil {
					return err
				}
			}
			if err := o.driver.upload(dst, part, l.stream); err != nil {
				return err
			}
			return o.driver.record(l.free[i], l.stream)
		})
		if err != nil {
			return err
		}
		dst, waits = dst+cuda.Ptr(len(part)), false
	}
	return nil
}

// out copies from the device, once the event is over that says that the values are there. It returns when dst
// holds them.
func (l *lane) out(dst []float32, src cuda.Ptr, after event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := bytesOf(dst)
	begin := func(i, at int) error {
		part := l.pinned[i][:min(chunk, len(to)-at)]
		return l.owner.do(func(o *owner) error {
			if at == 0 {
				if err := o.driver.wait(l.stream, after); err != nil {
					return err
				}
			}
			if err := o.driver.download(part, src+cuda.Ptr(at), l.stream); err != nil {
				return err
			}
			return o.driver.record(l.free[i], l.stream)
		})
	}
	if len(to) == 0 {
		return nil
	}
	if err := begin(0, 0); err != nil {
		return err
	}
	for i, at := 0, 0; at < len(to); i, at = 1-i, at+chunk {
		if at+chunk < len(to) {
			if err := begin(1-i, at+chunk); err != nil {
				return err
			}
		}
		if err := l.owner.await(l.free[i]); err != nil {
			return err
		}
		part := to[at:min(at+chunk, len(to))]
		copyBytes(part, l.pinned[i])
	}
	return nil
}

// await returns when an event is over. It asks again and again: if the owner's goroutine waited instead, it could
// not start the work of others meanwhile.
func (o *owner) await(e event) error {
	for tries := 0; ; tries++ {
		over := false
		err := o.do(func(o *owner) (err error) {
			over, err = o.driver.over(e)
			return err
		})
		if err != nil || over {
			return err
		}
		if tries < 50 {
			runtime.Gosched()
		} else {
			time.Sleep(min(20*time.Microsecond*time.Duration(tries/50), time.Millisecond))
		}
	}
}

// bytesOf is the memory of values.
func bytesOf(v []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// copyBytes fills dst from the beginning of src, with all cores where it is worth it.
func copyBytes(dst, src []byte) {
	const grain = 1 << 20
	if len(dst) < 2*grain {
		copy(dst, src)
		return
	}
	kernel.Parallel(len(dst), grain, func(_, lo, hi int) { copy(dst[lo:hi], src[lo:hi]) })
}
