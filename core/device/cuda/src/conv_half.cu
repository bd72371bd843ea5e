// Forward convolutions on tensor cores in float16 and bfloat16, sums in float32. Weights are packed by
// pack_pairs.
#include "conv.h"
#include "tensor.h"

#define CONV(name, TYPE, BM, BN, WM, WN)                                                       \
    KERNEL(128) name(CONV_PARAMS) {                                                            \
        Conv c = CONV_ARGS;                                                                    \
        convolve<Pairs<TYPE, BM, BN, WM, WN>, BM, BN, WM, WN, false>(c);                       \
    }

CONV(conv_f16_128x128, Half, 128, 128, 2, 2)
CONV(conv_f16_128x96, Half, 128, 96, 2, 2)
CONV(conv_f16_128x64, Half, 128, 64, 2, 2)
CONV(conv_f16_64x64, Half, 64, 64, 2, 2)
CONV(conv_f16_128x32, Half, 128, 32, 4, 1)
CONV(conv_bf16_128x128, Brain, 128, 128, 2, 2)
CONV(conv_bf16_128x96, Brain, 128, 96, 2, 2)
CONV(conv_bf16_128x64, Brain, 128, 64, 2, 2)
CONV(conv_bf16_64x64, Brain, 64, 64, 2, 2)
CONV(conv_bf16_128x32, Brain, 128, 32, 4, 1)
