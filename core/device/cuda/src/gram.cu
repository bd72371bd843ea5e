// Small matrices around Gram matrices and covariances (c,c) of features; the products are convolutions' kernels.
#include "elementwise.h"

// Turns y (n,c+1,c), whose rows 0 to c-1 hold FᵀF/hw and whose last row the means m, into covariances:
// y[a,b] -= m[a]·m[b].
KERNEL(256) center(float *y, int n, int c) {
    int one = (c + 1) * c;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < (long long)n * c * c; i += (long long)gridDim.x * blockDim.x) {
        int s = (int)(i / (c * c)), k = (int)(i % (c * c));
        float *p = y + (long long)s * one;
        p[k] -= p[c * c + k / c] * p[c * c + k % c];
    }
}

// both (n,c,c) = (d + dᵀ)·by for each sample; samples of d lie one apart.
KERNEL(256) symmetric(float *both, const float *d, int n, int c, int one, float by) {
    each(both, n * c * c, [=](int i) {
        int s = i / (c * c), k = i % (c * c), a = k / c, b = k % c;
        const float *p = d + (long long)s * one;
        return (p[k] + p[b * c + a]) * by;
    });
}

// row (n,c) = dm·by - m·both, the part of the gradient of covariances that is the same for all pixels; m and dm
// are the last rows of y and d (n,c+1,c).
KERNEL(256) mean_row(float *row, const float *y, const float *d, const float *both, int n, int c, float by) {
    int one = (c + 1) * c;
    each(row, n * c, [=](int i) {
        int s = i / c, b = i % c;
        const float *m = y + (long long)s * one + c * c;
        float v = d[(long long)s * one + c * c + b] * by;
        for (int a = 0; a < c; a++) v -= m[a] * both[((long long)s * c + a) * c + b];
        return v;
    });
}
