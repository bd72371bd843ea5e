// Sums over all values, and the losses that are such sums. A block adds a range of the values in float64, a
// second kernel adds the blocks, both in a fixed order.
#include "elementwise.h"

#include "list.h"

enum { SUM, SUM_SQUARES, DOT, SQUARED_ERROR, ABS_ERROR, BCE, BCE_CONST, HINGE }; // as Reduction in Go

DEVICE double cross_entropy(float x, float t) { return (double)fmaxf(x, 0) - (double)x * t + log1pf(expf(-fabsf(x))); }

DEVICE double term(int f, float a, float b, float param) {
    double d = (double)a - b;
    switch (f) {
    case SUM:
        return a;
    case SUM_SQUARES:
        return (double)a * a;
    case DOT:
        return (double)a * b;
    case SQUARED_ERROR:
        return d * d;
    case ABS_ERROR:
        return d < 0 ? -d : d;
    case BCE:
        return cross_entropy(a, b);
    case BCE_CONST:
        return cross_entropy(a, param);
    }
    d = 1 - (double)param * a; // HINGE; NaN stays
    return d < 0 ? 0 : d;
}

DEVICE float slope(int f, float a, float b, float param) {
    switch (f) {
    case SUM:
        return 1;
    case SUM_SQUARES:
        return 2 * a;
    case DOT:
        return b;
    case SQUARED_ERROR:
        return 2 * (a - b);
    case ABS_ERROR:
        return a > b ? 1.0f : a < b ? -1.0f : 0.0f;
    case BCE:
        return 1 / (1 + expf(-a)) - b;
    case BCE_CONST:
        return 1 / (1 + expf(-a)) - param;
    }
    return param * a < 1 ? -param : 0.0f;
}

// The sum of v over the block, for thread 0.
DEVICE double add_block(double v) {
    SHARED(double, memory);
    memory[threadIdx.x] = v;
    __syncthreads();
    for (int half = blockDim.x / 2; half > 0; half /= 2) {
        if ((int)threadIdx.x < half) memory[threadIdx.x] += memory[threadIdx.x + half];
        __syncthreads();
    }
    return memory[0];
}

// parts[block] = Σ weights[i/one]·f(a[i], b[i mod bn]).
KERNEL(256) reduce_parts(double *parts, const float *a, const float *b, const float *weights, int n, int one, int bn, int f, float param) {
    double sum = 0;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (long long)gridDim.x * blockDim.x) {
        double v = term(f, a[i], b ? b[bn == n ? i : i % bn] : 0.0f, param); // a remainder costs more than all the rest
        sum += weights ? weights[i / one] * v : v;
    }
    sum = add_block(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// out = alpha · Σ parts; one block.
KERNEL(256) reduce_finish(float *out, const double *parts, int count, float alpha) {
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += blockDim.x) sum += parts[i];
    sum = add_block(sum);
    if (threadIdx.x == 0) *out = (float)(sum * alpha);
}

// parts[row·blocks + block] = Σ x², of the values of a row that fall to a block; list (x).
KERNEL(256) list_squares(double *parts, const unsigned long long *list) {
    Row<1> r(list);
    const float *x = r[0];
    double sum = 0;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x, n = r.values(); i < n; i += (long long)gridDim.x * blockDim.x)
        sum += (double)x[i] * x[i];
    sum = add_block(sum);
    if (threadIdx.x == 0) parts[(long long)blockIdx.y * gridDim.x + blockIdx.x] = sum;
}

// y[r] = Σ_k a[r,k]·b[r,k], in the order of k; a thread a row.
KERNEL(256) dot_rows(float *y, const float *a, const float *b, int rows, int k) {
    each(y, rows, [=](int r) {
        float sum = 0;
        for (int j = 0; j < k; j++) sum += a[(long long)r * k + j] * b[(long long)r * k + j];
        return sum;
    });
}

// dx[i] = dy·alpha·weights[i/one]·∂f/∂a.
KERNEL(256) reduce_grad(float *dx, const float *a, const float *b, const float *weights, const float *dy, int n, int one, int bn, int f,
                        float param, float alpha) {
    float by = dy ? *dy * alpha : alpha;
    each(dx, n, [=](int i) {
        float v = slope(f, a[i], b ? b[i % bn] : 0.0f, param) * by;
        return weights ? v * weights[i / one] : v;
    });
}

// The largest of k values and Σ exp(z - largest).
DEVICE void softmax_sums(const float *z, int k, float &top, double &sum) {
    top = z[0], sum = 0;
    for (int j = 1; j < k; j++) top = fmaxf(top, z[j]);
    for (int j = 0; j < k; j++) sum += expf(z[j] - top);
}

// parts[block] = Σ over samples of weight · Σ_j p_j·(log Σ exp z - z_j): cross-entropy of softmax(z).
KERNEL(256) softmax_parts(double *parts, const float *z, const float *p, const float *weights, int n, int k) {
    double all = 0;
    for (int s = blockIdx.x * blockDim.x + threadIdx.x; s < n; s += gridDim.x * blockDim.x) {
        float top;
        double sum, e = 0;
        softmax_sums(z + s * k, k, top, sum);
        for (int j = 0; j < k; j++) e += (double)p[s * k + j] * (top + log(sum) - z[s * k + j]);
        all += weights ? weights[s] * e : e;
    }
    all = add_block(all);
    if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

// dz = dy/n · weight · (softmax(z)·Σp - p).
KERNEL(256) softmax_grad(float *dz, const float *z, const float *p, const float *weights, const float *dy, int n, int k) {
    for (int s = blockIdx.x * blockDim.x + threadIdx.x; s < n; s += gridDim.x * blockDim.x) {
        float top, mass = 0, by = (dy ? *dy : 1.0f) / n * (weights ? weights[s] : 1.0f);
        double sum;
        softmax_sums(z + s * k, k, top, sum);
        for (int j = 0; j < k; j++) mass += p[s * k + j];
        for (int j = 0; j < k; j++) dz[s * k + j] = (mass * expf(z[s * k + j] - top) / (float)sum - p[s * k + j]) * by;
    }
}

// parts[block] of Σ (x - right)² + (x - below)² over pictures (n,h,w,c).
KERNEL(256) tv_parts(double *parts, const float *x, int n, int h, int w, int c) {
    double sum = 0;
    int total = n * h * w * c;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < total; i += (long long)gridDim.x * blockDim.x) {
        int p = (int)(i / c), column = p % w, row = p / w % h;
        double v = x[i], d = column + 1 < w ? v - x[i + c] : 0, e = row + 1 < h ? v - x[i + (long long)w * c] : 0;
        sum += d * d + e * e;
    }
    sum = add_block(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// dx = 2·dy/values · Σ over the four neighbours of (x - neighbour).
KERNEL(256) tv_grad(float *dx, const float *x, const float *dy, int n, int h, int w, int c) {
    int total = n * h * w * c, line = w * c;
    float by = 2 * (dy ? *dy : 1.0f) / total;
    each(dx, total, [=](int i) {
        int p = i / c, column = p % w, row = p / w % h;
        float v = x[i], d = 0;
        if (column > 0) d += v - x[i - c];
        if (column + 1 < w) d += v - x[i + c];
        if (row > 0) d += v - x[i - line];
        if (row + 1 < h) d += v - x[i + line];
        return d * by;
    });
}

// out = base + Σ weights·scalars, of up to four scalars; base and the scalars may be null.
KERNEL(32) weighted_sum(float *out, const float *base, const float *a, const float *b, const float *c, const float *d, float wa, float wb,
                        float wc, float wd) {
    if (threadIdx.x > 0) return;
    double v = base ? *base : 0.0;
    if (a) v += (double)wa * *a;
    if (b) v += (double)wb * *b;
    if (c) v += (double)wc * *c;
    if (d) v += (double)wd * *d;
    *out = (float)v;
}
