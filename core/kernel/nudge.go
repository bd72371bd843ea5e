package kernel

// Nudge computes y[i] = x[i] + size·s(i), where s(i) is 1 or -1: bit i mod 32 of a hash of i/32 and the seed, the
// finalizer of MurmurHash3 (Appleby, 2011). So a step in a random direction needs no random numbers in memory, and is
// the same wherever it is computed. y may be x.
func Nudge(y, x []float32, seed uint32, size float32) {
	const grain = 1 << 14 // a multiple of 32
	Parallel(len(y), grain, func(_, lo, hi int) {
		for ; lo < hi; lo += 32 {
			bits := mix(uint32(lo/32)*0x9e3779b9 + seed*0x85ebca6b)
			for i := lo; i < min(lo+32, hi); i++ {
				y[i] = x[i] + size*float32(int(bits&1)*2-1)
				bits >>= 1
			}
		}
	})
}

// mix spreads each bit of h over all bits.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
