package gpu

import "github.com/atelier-engine/atelier/core/device/cuda"

// part is an array of the processor and where it is on the device.
type part struct {
	host []float32
	at   cuda.Ptr
}

// outs is out for many arrays, ins is in. Small ones share a chunk, and a wait.
func (l *lane) outs(list []part, after event) error {
	return l.each(list, func(p part) error { return l.out(p.host, p.at, after) }, func(list []part) error {
		err := l.group(list, after, func(o *owner, p part, pinned []byte) error { return o.driver.download(pinned, p.at, l.stream) })
		if err == nil {
			err = l.owner.await(l.free[0])
		}
		if err != nil {
			return err
		}
		at := 0
		for _, p := range list {
			at += copy(bytesOf(p.host), l.pinned[0][at:])
		}
		return nil
	})
}

func (l *lane) ins(list []part, after event) error {
	return l.each(list, func(p part) error { return l.in(p.at, p.host, after) }, func(list []part) error {
		if err := l.owner.await(l.free[0]); err != nil {
			return err
		}
		at := 0
		for _, p := range list {
			at += copy(l.pinned[0][at:], bytesOf(p.host))
		}
		return l.group(list, after, func(o *owner, p part, pinned []byte) error { return o.driver.upload(p.at, pinned, l.stream) })
	})
}

// each calls few for runs of arrays that fit into a chunk together, with the lane locked, and one for others.
func (l *lane) each(list []part, one func(p part) error, few func(list []part) error) error {
	for len(list) > 0 {
		n, size := 0, 0
		for n < len(list) && size+4*len(list[n].host) <= chunk {
			size += 4 * len(list[n].host)
			n++
		}
		var err error
		if n > 1 {
			l.mu.Lock()
			err = few(list[:n])
			l.mu.Unlock()
		} else {
			n, err = 1, one(list[0])
		}
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// group enqueues the copies of arrays that lie side by side in the first chunk, behind an event.
func (l *lane) group(list []part, after event, move func(o *owner, p part, pinned []byte) error) error {
	return l.owner.do(func(o *owner) error {
		if err := o.driver.wait(l.stream, after); err != nil {
			return err
		}
		at := 0
		for _, p := range list {
			size := 4 * len(p.host)
			if size == 0 {
				continue
			}
			if err := move(o, p, l.pinned[0][at:at+size]); err != nil {
				return err
			}
			at += size
		}
		return o.driver.record(l.free[0], l.stream)
	})
}
