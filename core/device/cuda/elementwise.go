package cuda

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/kernel"
)

// each appends a launch of a kernel of src/elementwise.h over n values: blocks of 256 threads, four values each.
func (o *Op) each(name string, n int, args ...any) {
	countable(name, n)
	o.launch(name, blocksFor(n, 1024), [3]int{256, 1, 1}, 0, args...)
}

// countable panics where 32-bit indices do not reach.
func countable(name string, n int) {
	if n < 0 || n >= 1<<31 {
		panic(fmt.Sprintf("cuda: %s of %d values: use smaller tensors", name, n))
	}
}

func single(name, kernel string, n int, args ...any) Op {
	o := Op{Name: name}
	o.each(kernel, n, args...)
	return o
}

// Activate computes y = act(x), in place.
func (t Target) Activate(y, x Ptr, n int, act kernel.Act) Op {
	return single("activation", "activation", n, y, x, n, int(act))
}

// ActivateGrad computes dx = dy·act'(y) from the result y; dx may be dy.
func (t Target) ActivateGrad(dx, y, dy Ptr, n int, act kernel.Act) Op {
	return single("activation gradient", "activation_grad", n, dx, y, dy, n, int(act))
}

// Linear computes y = alpha·a + beta·b, b?; in place on either.
func (t Target) Linear(y, a, b Ptr, n int, alpha, beta float32) Op {
	return single("linear", "linear", n, y, a, b, n, alpha, beta)
}

// ScaleSamples computes y[i] = x[i]·weights[i/one], n values in all; in place.
func (t Target) ScaleSamples(y, x, weights Ptr, n, one int) Op {
	return single("scale samples", "scale_samples", n, y, x, weights, n, one)
}

// Fill sets n values.
func (t Target) Fill(y Ptr, n int, v float32) Op { return single("fill", "fill", n, y, n, v) }

// Nudge computes y = x ± size, the sign of each value from a hash of its index and the seed: see kernel.Nudge.
func (t Target) Nudge(y, x, seed Ptr, n int, size float32) Op {
	return single("nudge", "nudge", n, y, x, seed, n, size)
}

// Copy copies n values.
func (t Target) Copy(y, x Ptr, n int) Op { return t.CopyRows(y, x, 1, n, n, n, 1) }

// CopyRows copies rows of width values from x, xStride apart, to y, yStride apart; row r comes from row r/repeat.
func (t Target) CopyRows(y, x Ptr, rows, width, yStride, xStride, repeat int) Op {
	o := Op{Name: "copy"}
	o.launch("copy_rows", blocksFor(rows*width, 256), [3]int{256, 1, 1}, 0, y, x, rows, width, yStride, xStride, repeat)
	return o
}

// Shift moves the pictures x (n,h,w,c) down and right by sign·by (n,2) whole pixels; what comes in is 0.
func (t Target) Shift(y, x, by Ptr, n, h, w, c, sign int) Op {
	return single("shift", "shift", n*h*w*c, y, x, by, n, h, w, c, sign)
}

// Cut sets a rectangle of each picture to 0: by (n,4) holds top, left, height and width.
func (t Target) Cut(y, x, by Ptr, n, h, w, c int) Op {
	return single("cut", "cut", n*h*w*c, y, x, by, n, h, w, c)
}

// Tone computes gain·(grey + saturation·(x-grey)) + offset, by (n,3); without offset it is its own gradient.
func (t Target) Tone(y, x, by Ptr, n, h, w, c int, offset bool) Op {
	o := Op{Name: "tone"}
	countable("tone", n*h*w*c)
	o.launch("tone", blocksFor(n*h*w, 256), [3]int{256, 1, 1}, 0, y, x, by, n, h*w, c, offset)
	return o
}
