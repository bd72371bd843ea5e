// What every kernel file starts with. nvcc takes the CUDA half; a C++ compiler takes ../emulate/emulate.h,
// which runs the same sources on the CPU.
#pragma once

#ifdef __CUDACC__
#include "intrinsic.h"
#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define DEVICE __device__ __forceinline__
#else
#include "emulate.h"
#endif

// Activations, numbered as kernel.Act: none, ReLU, leaky ReLU of slope 0.2, tanh, logistic.
enum { ACT_NONE, ACT_RELU, ACT_LEAKY, ACT_TANH, ACT_SIGMOID };

DEVICE float activate(float v, int act) {
    switch (act) {
    case ACT_RELU:
        return v < 0 ? 0.0f : v;
    case ACT_LEAKY:
        return v < 0 ? 0.2f * v : v;
    case ACT_TANH:
        return tanhf(v);
    case ACT_SIGMOID:
        return 1.0f / (1.0f + expf(-v));
    }
    return v;
}

// The derivative of an activation, times d, from its result y.
DEVICE float activate_grad(float y, float d, int act) {
    switch (act) {
    case ACT_RELU:
        return y > 0 ? d : 0.0f;
    case ACT_LEAKY:
        return y > 0 ? d : 0.2f * d;
    case ACT_TANH:
        return d * (1.0f - y * y);
    case ACT_SIGMOID:
        return d * y * (1.0f - y);
    }
    return d;
}

// What lies outside a picture, numbered as in border.go: zeros, the mirror image without the border pixel
// itself, the border pixel.
enum { BORDER_ZERO, BORDER_REFLECT, BORDER_CLAMP };

// Maps index i of an axis of length n to [0,n), or to -1 for a zero.
DEVICE int border_index(int i, int n, int border) {
    if ((unsigned)i < (unsigned)n) {
        return i;
    }
    if (border == BORDER_ZERO) {
        return -1;
    }
    if (border == BORDER_CLAMP || n == 1) {
        return i < 0 ? 0 : n - 1;
    }
    do {
        i = i < 0 ? -i : 2 * (n - 1) - i;
    } while ((unsigned)i >= (unsigned)n); // again where the border is wider than the picture
    return i;
}
