package cuda

// WeaveFold computes f (windows,period,period,c) of pictures x (n,h,w,c): of every window of the given side the
// averages of the pixels of each phase, without their mean and slopes. side is a multiple of period; pixels beyond
// the last whole window do not count.
func (t Target) WeaveFold(f, x Ptr, n, h, w, c, period, side int) Op {
	countable("weave", n*h*w*c)
	o := Op{Name: "weave"}
	o.launch("weave_fold", [3]int{n * (h / side) * (w / side), 1, 1}, [3]int{256, 1, 1}, 4*c*(period*period+3), f, x, h, w, c, period, side)
	return o
}

// WeaveSpread computes dx (n,h,w,c) = dy·alpha·f; dy? is one float32.
func (t Target) WeaveSpread(dx, f, dy Ptr, n, h, w, c, period, side int, alpha float32) Op {
	return single("weave gradient", "weave_spread", n*h*w*c, dx, f, dy, n, h, w, c, period, side, alpha)
}
