// What follows a matrix product that was cut into parts, and what goes before one: other layouts of weights.
#include "device.h"

#define EACH(i, n) for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)

// y = act(Σ_s parts[s] + bias) + residual, parts (splits,total), the channel innermost of c. Added in order.
KERNEL(256) conv_finish(float *y, const float *parts, const float *bias, const float *residual, int total, int c, int splits, int act) {
    EACH(i, total) {
        float v = 0;
        for (int s = 0; s < splits; s++) v += parts[(long long)s * total + i];
        v = activate(bias ? v + bias[i % c] : v, act);
        y[i] = residual ? v + residual[i] : v;
    }
}

// y = Σ_s parts[s], parts (splits,total), added in order.
KERNEL(256) sum_parts(float *y, const float *parts, int total, int splits) {
    EACH(i, total) {
        float v = 0;
        for (int s = 0; s < splits; s++) v += parts[(long long)s * total + i];
        y[i] = v;
    }
}

// Weights (taps,c,n) as pairs of 16-bit values, (taps,ceil(c/2),n) words: channel 2k in the lower half, 2k+1 in
// the upper, zero if there is none. brain: bfloat16.
KERNEL(256) pack_pairs(float *y, const float *w, int taps, int c, int n, int brain) {
    int half = (c + 1) / 2;
    EACH(i, taps * half * n) {
        int o = i % n, k = i / n % half, tap = i / n / half;
        const float *p = w + ((long long)tap * c + 2 * k) * n + o;
        float lo = p[0], hi = 2 * k + 1 < c ? p[n] : 0.0f;
        y[i] = __uint_as_float(brain ? Brain::pack(lo, hi) : Half::pack(lo, hi));
    }
}

// Row a of the 4x4 kernel that, transposed with stride 2 and padding 1, equals nearest doubling followed by a
// 3x3 convolution with padding 1: sums of rows of the 3x3 kernel,
//
//	0: w2    1: w1+w2    2: w0+w1    3: w0
//
// An output sees each source pixel through one tap instead of through one or two: 16 products for every source
// pixel where there were 36. from and to are the rows that belong to a, count them.
DEVICE int first_row(int a) { return a == 0 ? 2 : a == 1 ? 1 : 0; }
DEVICE int last_row(int a) { return a <= 1 ? 2 : a == 2 ? 1 : 0; }

// w (3,3,cn) to y (4,4,cn).
KERNEL(256) pack_doubled(float *y, const float *w, int cn) {
    EACH(i, 16 * cn) {
        int k = i % cn, a = i / cn / 4, b = i / cn % 4;
        float v = 0;
        for (int p = first_row(a); p <= last_row(a); p++)
            for (int q = first_row(b); q <= last_row(b); q++) v += w[(p * 3 + q) * cn + k];
        y[i] = v;
    }
}

// The gradient of pack_doubled: dw (3,3,cn) from dy (4,4,cn).
KERNEL(256) pack_doubled_grad(float *dw, const float *dy, int cn) {
    EACH(i, 9 * cn) {
        int k = i % cn, p = i / cn / 3, q = i / cn % 3;
        float v = 0;
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 4; b++)
                if (p >= first_row(a) && p <= last_row(a) && q >= first_row(b) && q <= last_row(b)) v += dy[(a * 4 + b) * cn + k];
        dw[i] = v;
    }
}

// Candidate t of the indices of the wide axis that may show source index s: its own, then, near the border,
// those of both margins.
DEVICE int candidates(int s, int n, int margin, int up) {
    return s * up <= margin || (s + 1) * up > n - 1 - margin ? up + 2 * margin : up;
}
DEVICE int candidate(int t, int s, int n, int margin, int up) {
    if (t < up) return s * up + t;
    return t < up + margin ? t - up - margin : n + t - up - margin;
}

// Gathers for every pixel of dx (n,h,w,c) what the border and the enlargement copied from it into
// wide (n, h·up + 2·margin, w·up + 2·margin, c).
KERNEL(256) fold(float *dx, const float *wide, int n, int h, int w, int c, int margin, int up, int border) {
    int hh = h * up, ww = w * up;
    long long total = (long long)n * h * w * c;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < total; i += (long long)gridDim.x * blockDim.x) {
        int k = (int)(i % c), pixel = (int)(i / c), x = pixel % w, y = pixel / w % h, s = pixel / w / h;
        float v = 0;
        for (int t = 0; t < candidates(y, hh, margin, up); t++) {
            int p = candidate(t, y, hh, margin, up), row = border_index(p, hh, border);
            if (row < 0 || row / up != y) continue;
            const float *line = wide + ((long long)s * (hh + 2 * margin) + p + margin) * (ww + 2 * margin) * c;
            for (int u = 0; u < candidates(x, ww, margin, up); u++) {
                int q = candidate(u, x, ww, margin, up), column = border_index(q, ww, border);
                if (column >= 0 && column / up == x) v += line[(long long)(q + margin) * c + k];
            }
        }
        dx[i] = v;
    }
}
