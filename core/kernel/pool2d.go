package kernel

// MaxPool takes the largest of every k x k window, without padding, rounded down.
//
//	y (n,oh,ow,c), oh = (h-k)/stride + 1     x (n,h,w,c)
//
// idx, if not nil, has the shape of y and receives where each maximum lies: a flat index into
// its own sample of x. The first of equal values wins.
func MaxPool(y []float32, idx []int32, x []float32, n, h, w, c, k, stride int) {
	MaxPoolPlain(y, idx, x, n, h, w, c, k, stride)
}

// MaxPoolGrad spreads dy (n,oh,ow,c) to where the maxima were, dx (n,h,w,c).
func MaxPoolGrad(dx, dy []float32, idx []int32, n, h, w, c, k, stride int) {
	MaxPoolGradPlain(dx, dy, idx, n, h, w, c, k, stride)
}

// AvgPool averages every k x k window, without padding, rounded down; shapes as in MaxPool.
func AvgPool(y, x []float32, n, h, w, c, k, stride int) {
	AvgPoolPlain(y, x, n, h, w, c, k, stride)
}

// AvgPoolGrad is the gradient of AvgPool: dx (n,h,w,c) from dy (n,oh,ow,c).
func AvgPoolGrad(dx, dy []float32, n, h, w, c, k, stride int) {
	AvgPoolGradPlain(dx, dy, n, h, w, c, k, stride)
}
