// Windows of k x k, stride apart, without padding: x (n,h,w,c) to y (n,oh,ow,c), oh = (h-k)/stride + 1. The
// gradients gather: a thread looks at the windows over its own value, in reading order, so nothing is added by
// two threads.
#include "elementwise.h"

// The coordinates of value i of (n,h,w,c).
struct Spot {
    int c, x, y, s;
    DEVICE Spot(int i, int h, int w, int channels) {
        c = i % channels, i /= channels;
        x = i % w, i /= w;
        y = i % h, s = i / h;
    }
};

// The largest value of a window; where it lies in its sample goes to index, if there is one. The first of
// equal values wins; NaN never does, unless it is the first.
KERNEL(256) max_pool(float *y, int *index, const float *x, int n, int h, int w, int c, int k, int stride, int oh, int ow) {
    each(y, n * oh * ow * c, [=](int i) {
        Spot o(i, oh, ow, c);
        const float *sample = x + (long long)o.s * h * w * c;
        int best = ((o.y * stride) * w + o.x * stride) * c + o.c;
        float top = sample[best];
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++) {
                int at = ((o.y * stride + a) * w + o.x * stride + b) * c + o.c;
                float v = sample[at];
                if (v > top) top = v, best = at;
            }
        if (index) index[i] = best;
        return top;
    });
}

// The windows over index i of an axis: from first to last.
DEVICE int first_window(int i, int k, int stride) { return i < k ? 0 : (i - k) / stride + 1; }
DEVICE int last_window(int i, int stride, int outputs) { return i / stride < outputs ? i / stride : outputs - 1; }

KERNEL(256) max_pool_grad(float *dx, const float *dy, const int *index, int n, int h, int w, int c, int k, int stride, int oh, int ow) {
    each(dx, n * h * w * c, [=](int i) {
        Spot p(i, h, w, c);
        int mine = i - p.s * h * w * c;
        float v = 0;
        for (int a = first_window(p.y, k, stride); a <= last_window(p.y, stride, oh); a++)
            for (int b = first_window(p.x, k, stride); b <= last_window(p.x, stride, ow); b++) {
                int o = ((p.s * oh + a) * ow + b) * c + p.c;
                if (index[o] == mine) v += dy[o];
            }
        return v;
    });
}

KERNEL(256) avg_pool(float *y, const float *x, int n, int h, int w, int c, int k, int stride, int oh, int ow) {
    each(y, n * oh * ow * c, [=](int i) {
        Spot o(i, oh, ow, c);
        const float *sample = x + (long long)o.s * h * w * c + o.c;
        float v = 0;
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++) v += sample[((o.y * stride + a) * w + o.x * stride + b) * c];
        return v / (k * k);
    });
}

KERNEL(256) avg_pool_grad(float *dx, const float *dy, int n, int h, int w, int c, int k, int stride, int oh, int ow) {
    each(dx, n * h * w * c, [=](int i) {
        Spot p(i, h, w, c);
        float v = 0;
        for (int a = first_window(p.y, k, stride); a <= last_window(p.y, stride, oh); a++)
            for (int b = first_window(p.x, k, stride); b <= last_window(p.x, stride, ow); b++) v += dy[((p.s * oh + a) * ow + b) * c + p.c];
        return v / (k * k);
    });
}
