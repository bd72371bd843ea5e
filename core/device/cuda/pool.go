package cuda

// pooled is the size of a pooled axis.
func pooled(n, k, stride int) int {
	if n < k {
		return 0
	}
	return (n-k)/stride + 1
}

// MaxPool takes the largest of every k x k window of x (n,h,w,c); idx?, int32, receives where it lies.
func (t Target) MaxPool(y, idx, x Ptr, n, h, w, c, k, stride int) Op {
	oh, ow := pooled(h, k, stride), pooled(w, k, stride)
	countable("maxpool", n*h*w*c)
	return single("maxpool", "max_pool", n*oh*ow*c, y, idx, x, n, h, w, c, k, stride, oh, ow)
}

// MaxPoolGrad computes dx (n,h,w,c) from dy and the idx of MaxPool.
func (t Target) MaxPoolGrad(dx, dy, idx Ptr, n, h, w, c, k, stride int) Op {
	return single("maxpool gradient", "max_pool_grad", n*h*w*c, dx, dy, idx, n, h, w, c, k, stride, pooled(h, k, stride), pooled(w, k, stride))
}

// AvgPool takes the mean of every k x k window of x (n,h,w,c).
func (t Target) AvgPool(y, x Ptr, n, h, w, c, k, stride int) Op {
	oh, ow := pooled(h, k, stride), pooled(w, k, stride)
	countable("avgpool", n*h*w*c)
	return single("avgpool", "avg_pool", n*oh*ow*c, y, x, n, h, w, c, k, stride, oh, ow)
}

// AvgPoolGrad computes dx (n,h,w,c) from dy.
func (t Target) AvgPoolGrad(dx, dy Ptr, n, h, w, c, k, stride int) Op {
	return single("avgpool gradient", "avg_pool_grad", n*h*w*c, dx, dy, n, h, w, c, k, stride, pooled(h, k, stride), pooled(w, k, stride))
}

// ResizeNearest repeats every pixel of x (n,h,w,c) factor times both ways.
func (t Target) ResizeNearest(y, x Ptr, n, h, w, c, factor int) Op {
	return single("resize nearest", "resize_nearest", n*h*w*c*factor*factor, y, x, n, h, w, c, factor)
}

// ResizeNearestGrad computes dx (n,h,w,c) from dy.
func (t Target) ResizeNearestGrad(dx, dy Ptr, n, h, w, c, factor int) Op {
	countable("resize nearest gradient", n*h*w*c*factor*factor)
	return single("resize nearest gradient", "resize_nearest_grad", n*h*w*c, dx, dy, n, h, w, c, factor)
}

// ResizeBilinear interpolates x (n,h,w,c) to y (n,oh,ow,c), with half-pixel centres.
func (t Target) ResizeBilinear(y, x Ptr, n, h, w, c, oh, ow int) Op {
	countable("resize bilinear", n*h*w*c)
	return single("resize bilinear", "resize_bilinear", n*oh*ow*c, y, x, n, h, w, c, oh, ow)
}

// ResizeBilinearGrad computes dx (n,h,w,c) from dy (n,oh,ow,c).
func (t Target) ResizeBilinearGrad(dx, dy Ptr, n, h, w, c, oh, ow int) Op {
	countable("resize bilinear gradient", n*oh*ow*c)
	return single("resize bilinear gradient", "resize_bilinear_grad", n*h*w*c, dx, dy, n, h, w, c, oh, ow)
}
