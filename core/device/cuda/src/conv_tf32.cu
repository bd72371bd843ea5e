// Convolutions on tensor cores in TF32.
#include "conv.h"
#include "tensor.h"

#define CONV(name, BM, BN, WM, WN, SWAPPED)                                                    \
    KERNEL(128) name(CONV_PARAMS) {                                                            \
        Conv c = CONV_ARGS;                                                                    \
        convolve<Tf32<BM, BN, WM, WN, SWAPPED>, BM, BN, WM, WN, SWAPPED>(c);                   \
    }

CONV(conv_tf32_128x128, 128, 128, 2, 2, false)
CONV(conv_tf32_128x96, 128, 96, 2, 2, false)
CONV(conv_tf32_128x64, 128, 64, 2, 2, false)
CONV(conv_tf32_64x64, 64, 64, 2, 2, false)
CONV(conv_tf32_128x32, 128, 32, 4, 1, false)
CONV(conv_tf32_128x128_swapped, 128, 128, 2, 2, true)
CONV(conv_tf32_128x96_swapped, 128, 96, 2, 2, true)
CONV(conv_tf32_128x64_swapped, 128, 64, 2, 2, true)
CONV(conv_tf32_64x64_swapped, 64, 64, 2, 2, true)
CONV(conv_tf32_128x32_swapped, 128, 32, 4, 1, true)
