package picture

// Held returns the bytes of pixels that the raster keeps in memory; 0: they lie
// in a temporary file, or it was closed.
func (r *Raster) Held() int64 {
	channels := int64(3)
	if r.alpha {
		channels = 4
	}
	_, inMemory := r.store.(memoryStore)
	if !inMemory && r.view == nil {
		return 0
	}
	return int64(r.w) * int64(r.h) * channels * int64(r.depth) / 8
}
