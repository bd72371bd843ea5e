// Maps from values to values.
#include "elementwise.h"

#include "list.h"

// y = act(x); y may be x.
KERNEL(256) activation(float *y, const float *x, int n, int act) {
    each(y, n, [=](int i) { return activate(x[i], act); });
}

// dx = dy · act'(y), from the result y of the activation; dx may be dy.
KERNEL(256) activation_grad(float *dx, const float *y, const float *dy, int n, int act) {
    each(dx, n, [=](int i) { return activate_grad(y[i], dy[i], act); });
}

// y = alpha·a + beta·b; b? may be null; y may be a or b.
KERNEL(256) linear(float *y, const float *a, const float *b, int n, float alpha, float beta) {
    each(y, n, [=](int i) { return b ? alpha * a[i] + beta * b[i] : alpha * a[i]; });
}

// y[i] = x[i]·weights[i/one]; y may be x.
KERNEL(256) scale_samples(float *y, const float *x, const float *weights, int n, int one) {
    each(y, n, [=](int i) { return x[i] * weights[i / one]; });
}

// y[i] = x[i] + size·sign(i), see kernel.Nudge; y may be x.
KERNEL(256) nudge(float *y, const float *x, const float *seed, int n, float size) {
    unsigned from = (unsigned)*seed * 0x85ebca6bu;
    each(y, n, [=](int i) {
        unsigned h = (unsigned)(i / 32) * 0x9e3779b9u + from;
        h ^= h >> 16;
        h *= 0x85ebca6bu;
        h ^= h >> 13;
        h *= 0xc2b2ae35u;
        h ^= h >> 16;
        return h >> (i % 32) & 1 ? x[i] + size : x[i] - size;
    });
}

// y[i] = v.
KERNEL(256) fill(float *y, int n, float v) {
    each(y, n, [=](int) { return v; });
}

// avg += by·(w - avg), by = 1 - decay; list (avg, w).
KERNEL(256) ema(const unsigned long long *list, float by) {
    Row<2> r(list);
    float *avg = r[0];
    const float *w = r[1];
    each(avg, r.values(), [=](int i) { return avg[i] + by * (w[i] - avg[i]); });
}

// One step of Adam (Kingma and Ba, 2015), with g scaled by min(1, clip/sqrt(*norm_sq)) if clip > 0; list (w, m, v, g):
//
//	m += (1-β1)·(g-m)   v += (1-β2)·(g²-v)   w -= rate·m / (√v·unbias + eps)
//
// rate = lr/(1-β1^t) and unbias = 1/√(1-β2^t) hold the bias corrections.
KERNEL(256) adam(const unsigned long long *list, float rate, float by1, float by2, float unbias, float eps, const float *norm_sq, float clip) {
    Row<4> r(list);
    float *w = r[0], *m = r[1], *v = r[2], scale = 1;
    const float *g = r[3];
    if (clip > 0 && norm_sq) scale = fminf(1.0f, clip / sqrtf(*norm_sq));
    each(w, r.values(), [=](int i) {
        float d = g[i] * scale, mi = m[i], vi = v[i];
        mi += by1 * (d - mi);
        vi += by2 * (d * d - vi);
        m[i] = mi, v[i] = vi;
        return w[i] - rate * mi / (sqrtf(vi) * unbias + eps);
    });
}
