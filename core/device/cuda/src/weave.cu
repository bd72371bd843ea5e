// The pattern that a network with strides prints into pictures: see autodiff.Weave.
#include "elementwise.h"

// f (windows,period,period,c): of every window of x (n,h,w,c), side x side from the top left on, the averages of the
// pixels of one phase, without their mean and slopes. A block a window.
KERNEL(256) weave_fold(float *f, const float *x, int h, int w, int c, int period, int side) {
    SHARED(float, fold); // period·period·c averages, then mean and slopes of every channel
    int across = w / side, down = h / side, size = period * period * c;
    int left = blockIdx.x % across * side, top = blockIdx.x / across % down * side, sample = blockIdx.x / (across * down);
    float *plane = fold + size, mid = 0.5f * (period - 1), cells = (float)(side / period) * (side / period);
    for (int k = threadIdx.x; k < size; k += blockDim.x) {
        int channel = k % c, column = k / c % period, row = k / c / period;
        float sum = 0;
        for (int i = row; i < side; i += period)
            for (int j = column; j < side; j += period) sum += x[(((long long)sample * h + top + i) * w + left + j) * c + channel];
        fold[k] = sum / cells;
    }
    __syncthreads();
    for (int channel = threadIdx.x; channel < c; channel += blockDim.x) {
        float mean = 0, across_x = 0, across_y = 0, square = 0;
        for (int k = 0; k < period * period; k++) {
            float v = fold[k * c + channel], dx = k % period - mid, dy = k / period - mid;
            mean += v, across_x += v * dx, across_y += v * dy, square += dx * dx;
        }
        plane[3 * channel] = mean / (period * period), plane[3 * channel + 1] = across_x / square, plane[3 * channel + 2] = across_y / square;
    }
    __syncthreads();
    for (int k = threadIdx.x; k < size; k += blockDim.x) {
        const float *p = plane + k % c * 3;
        f[(long long)blockIdx.x * size + k] = fold[k] - (p[0] + p[1] * (k / c % period - mid) + p[2] * (k / c / period - mid));
    }
}

// dx = dy·alpha·f of the window and phase of each pixel; 0 beyond the last whole window. dy is one value.
KERNEL(256) weave_spread(float *dx, const float *f, const float *dy, int n, int h, int w, int c, int period, int side, float alpha) {
    float by = dy ? *dy * alpha : alpha;
    int across = w / side, down = h / side;
    each(dx, n * h * w * c, [=](int i) {
        int channel = i % c, p = i / c, column = p % w, row = p / w % h, sample = p / w / h;
        if (column >= across * side || row >= down * side) return 0.0f;
        int window = (sample * down + row / side) * across + column / side;
        return by * f[((long long)(window * period + row % period) * period + column % period) * c + channel];
    });
}
