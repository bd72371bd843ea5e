// Other sizes: x (n,h,w,c) to y (n,oh,ow,c). Gradients gather, as in pool.cu.
#include "elementwise.h"

// y[i,j] = x[i/factor, j/factor].
KERNEL(256) resize_nearest(float *y, const float *x, int n, int h, int w, int c, int factor) {
    each(y, n * h * factor * w * factor * c, [=](int i) {
        int k = i % c, p = i / c, column = p % (w * factor), row = p / (w * factor); // rows of all samples
        return x[(row / factor * w + column / factor) * c + k];
    });
}

KERNEL(256) resize_nearest_grad(float *dx, const float *dy, int n, int h, int w, int c, int factor) {
    each(dx, n * h * w * c, [=](int i) {
        int k = i % c, p = i / c, column = p % w, row = p / w;
        float v = 0;
        for (int a = 0; a < factor; a++)
            for (int b = 0; b < factor; b++) v += dy[((row * factor + a) * w * factor + column * factor + b) * c + k];
        return v;
    });
}

// The two source indices around output i of an axis and the weight of the second: the source of i is
// (i+½)·in/out - ½, kept inside [0,in-1]. In whole numbers, as parts of 2·out.
struct Tap {
    int lo, hi;
    float t;
    DEVICE Tap(int i, int in, int out) {
        long long p = (2ll * i + 1) * in - out, top = 2ll * out * (in - 1);
        p = p < 0 ? 0 : p > top ? top : p;
        lo = (int)(p / (2ll * out));
        hi = lo + 1 < in ? lo + 1 : lo;
        t = (float)(p - 2ll * out * lo) / (float)(2ll * out);
    }
    DEVICE float weight(int s) const { return (lo == s ? 1 - t : 0.0f) + (hi == s ? t : 0.0f); }
};

KERNEL(256) resize_bilinear(float *y, const float *x, int n, int h, int w, int c, int oh, int ow) {
    each(y, n * oh * ow * c, [=](int i) {
        int k = i % c, p = i / c, s = p / ow / oh;
        Tap a(p / ow % oh, h, oh), b(p % ow, w, ow);
        const float *top = x + (long long)(s * h + a.lo) * w * c + k, *low = x + (long long)(s * h + a.hi) * w * c + k;
        float u = top[b.lo * c] + b.t * (top[b.hi * c] - top[b.lo * c]), v = low[b.lo * c] + b.t * (low[b.hi * c] - low[b.lo * c]);
        return u + a.t * (v - u);
    });
}

// Outputs [first,last) are all that look at source s: those within a pixel of it, one more for rounding, and
// beyond the first and last source all.
DEVICE int first_reach(int s, int in, int out) {
    int i = (int)((2ll * s - 1) * out / (2 * in)) - 1;
    return s > 0 && i > 0 ? i : 0;
}
DEVICE int last_reach(int s, int in, int out) {
    int i = (int)((2ll * s + 3) * out / (2 * in)) + 2;
    return s < in - 1 && i < out ? i : out;
}

KERNEL(256) resize_bilinear_grad(float *dx, const float *dy, int n, int h, int w, int c, int oh, int ow) {
    each(dx, n * h * w * c, [=](int i) {
        int k = i % c, p = i / c, x = p % w, y = p / w % h, s = p / w / h;
        float v = 0;
        for (int a = first_reach(y, h, oh); a < last_reach(y, h, oh); a++) {
            float f = Tap(a, h, oh).weight(y);
            if (f == 0) continue;
            for (int b = first_reach(x, w, ow); b < last_reach(x, w, ow); b++) {
                float g = Tap(b, w, ow).weight(x);
                if (g != 0) v += f * g * dy[((s * oh + a) * ow + b) * c + k];
            }
        }
        return v;
    });
}
