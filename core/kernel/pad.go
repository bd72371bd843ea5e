package kernel

// Pad continues x (n,h,w,c) by pad pixels on every side: y (n,h+2·pad,w+2·pad,c).
func Pad(y, x []float32, n, h, w, c, pad int, mode PadMode) { PadPlain(y, x, n, h, w, c, pad, mode) }

// PadGrad is the gradient of Pad: dx (n,h,w,c) from dy (n,h+2·pad,w+2·pad,c).
func PadGrad(dx, dy []float32, n, h, w, c, pad int, mode PadMode) {
	PadGradPlain(dx, dy, n, h, w, c, pad, mode)
}
