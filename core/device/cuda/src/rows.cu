// Copies: channels, samples and planes put together and taken apart, augmentations.
#include "elementwise.h"

// Row r of y (width values, y_stride apart) = row r/repeat of x (x_stride apart).
KERNEL(256) copy_rows(float *y, const float *x, int rows, int width, int y_stride, int x_stride, int repeat) {
    long long total = (long long)rows * width, stride = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < total; i += stride) {
        int r = (int)(i / width), k = (int)(i - (long long)r * width);
        y[(long long)r * y_stride + k] = x[(long long)(r / repeat) * x_stride + k];
    }
}

// Rows of from values made longer with zeros, or shorter: y (rows,to), x (rows,from).
KERNEL(256) widen(float *y, const float *x, int rows, int from, int to) {
    long long total = (long long)rows * to, stride = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < total; i += stride) {
        int r = (int)(i / to), k = (int)(i - (long long)r * to);
        y[i] = k < from ? x[(long long)r * from + k] : 0.0f;
    }
}

// y (n,h,w,c): every sample of x moved down and right by sign·by (n,2) whole pixels; what comes in is 0.
KERNEL(256) shift(float *y, const float *x, const float *by, int n, int h, int w, int c, int sign) {
    each(y, n * h * w * c, [=](int i) {
        int k = i % c, p = i / c, column = p % w, row = p / w % h, s = p / w / h;
        row -= sign * (int)by[2 * s], column -= sign * (int)by[2 * s + 1];
        return row >= 0 && row < h && column >= 0 && column < w ? x[((s * h + row) * w + column) * c + k] : 0.0f;
    });
}

// y = x with a rectangle of every sample set to 0: by (n,4) are its top, left, height and width.
KERNEL(256) cut(float *y, const float *x, const float *by, int n, int h, int w, int c) {
    each(y, n * h * w * c, [=](int i) {
        int p = i / c, column = p % w, row = p / w % h;
        const float *b = by + p / w / h * 4;
        int top = (int)b[0], left = (int)b[1];
        return row >= top && row < top + (int)b[2] && column >= left && column < left + (int)b[3] ? 0.0f : x[i];
    });
}

// y = gain·(grey + saturation·(x-grey)) + offset, grey the mean of a pixel's channels, by (n,3) = gain, offset,
// saturation. Without offset it is its own gradient. One thread a pixel.
KERNEL(256) tone(float *y, const float *x, const float *by, int n, int hw, int c, int offset) {
    for (int p = blockIdx.x * blockDim.x + threadIdx.x; p < n * hw; p += gridDim.x * blockDim.x) {
        const float *b = by + p / hw * 3, *from = x + (long long)p * c;
        float grey = 0;
        for (int k = 0; k < c; k++) grey += from[k];
        grey = grey * (b[0] * (1 - b[2]) / c) + (offset ? b[1] : 0.0f);
        for (int k = 0; k < c; k++) y[(long long)p * c + k] = b[0] * b[2] * from[k] + grey;
    }
}
