package kernel

// ResizeNearest repeats every pixel of x (n,h,w,c) factor times both ways:
// y (n,h·factor,w·factor,c).
func ResizeNearest(y, x []float32, n, h, w, c, factor int) {
	ResizeNearestPlain(y, x, n, h, w, c, factor)
}

// ResizeNearestGrad is the gradient of ResizeNearest: dx (n,h,w,c) from dy.
func ResizeNearestGrad(dx, dy []float32, n, h, w, c, factor int) {
	ResizeNearestGradPlain(dx, dy, n, h, w, c, factor)
}

// ResizeBilinear interpolates x (n,h,w,c) to y (n,oh,ow,c). Pixels are squares with their value
// at the centre, the border continues its last pixel: the source of output i is
// (i+½)·h/oh - ½, kept inside [0,h-1].
func ResizeBilinear(y, x []float32, n, h, w, c, oh, ow int) {
	ResizeBilinearPlain(y, x, n, h, w, c, oh, ow)
}

// ResizeBilinearGrad is the gradient of ResizeBilinear: dx (n,h,w,c) from dy (n,oh,ow,c).
func ResizeBilinearGrad(dx, dy []float32, n, h, w, c, oh, ow int) {
	ResizeBilinearGradPlain(dx, dy, n, h, w, c, oh, ow)
}
