package kernel

// microOf returns the micro-kernels of an instruction set.
func microOf(i ISA) *micro {
	switch i {
	case ISAAVX512:
		return &micro512
	case ISAAVX2:
		return &micro256
	}
	return &microPlain
}

var micro512 = micro{
	rows: 14, width: 32,
	tile:       []func(*uint64){nil, tile1x512, tile2x512, tile3x512, tile4x512, tile5x512, tile6x512, tile7x512, tile8x512, tile9x512, tile10x512, tile11x512, tile12x512, tile13x512, tile14x512},
	grad:       []func(*uint64){nil, grad1x512, grad2x512, grad3x512, grad4x512, grad5x512, grad6x512, grad7x512, grad8x512, grad9x512, grad10x512, grad11x512, grad12x512, grad13x512, grad14x512},
	winogradIn: winogradIn512, winogradOut: winogradOut512,
	peak: peak512, peakFLOPs: 4 * 12 * 2 * 16,
}

var micro256 = micro{
	rows: 6, width: 16,
	tile:       []func(*uint64){nil, tile1x256, tile2x256, tile3x256, tile4x256, tile5x256, tile6x256},
	grad:       []func(*uint64){nil, grad1x256, grad2x256, grad3x256, grad4x256, grad5x256, grad6x256},
	winogradIn: winogradIn256, winogradOut: winogradOut256,
	peak: peak256, peakFLOPs: 4 * 12 * 2 * 8,
}
