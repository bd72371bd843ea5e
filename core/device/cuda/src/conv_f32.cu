// Convolutions in full float32: for GPUs without TF32, and where exactness is asked for.
#include "conv.h"
#include "plain.h"

#define CONV(name, BM, BN, SWAPPED)              \
    KERNEL(128) name(CONV_PARAMS) {              \
        Conv c = CONV_ARGS;                      \
        convolve<Plain<BM, BN, SWAPPED>, BM, BN, 1, 1, SWAPPED>(c); \
    }

CONV(conv_f32_128x64, 128, 64, false)
CONV(conv_f32_128x32, 128, 32, false)
CONV(conv_f32_128x64_swapped, 128, 64, true)
CONV(conv_f32_128x32_swapped, 128, 32, true)
