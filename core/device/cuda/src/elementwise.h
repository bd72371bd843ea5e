// Loops over all values of a tensor.
#pragma once
#include "device.h"

// Sets y[i] = value(i) for i in [0,n). A thread computes four values before it stores the first, so that four
// reads are on their way at once; y may be an operand of value at the same index.
template <class T, class F> DEVICE void each(T *y, int n, F value) {
    const long long stride = (long long)gridDim.x * blockDim.x * 4;
    for (long long i = (long long)blockIdx.x * blockDim.x * 4 + threadIdx.x; i < n; i += stride) {
        T v[4];
#pragma unroll
        for (int e = 0; e < 4; e++)
            if (i + e * blockDim.x < n) v[e] = value((int)(i + e * blockDim.x));
#pragma unroll
        for (int e = 0; e < 4; e++)
            if (i + e * blockDim.x < n) y[i + e * blockDim.x] = v[e];
    }
}
