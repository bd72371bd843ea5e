// Column sums: gradients of biases, global average pooling and its gradient.
#include "columns.h"

// parts of Σ x over rows; the second sum stays 0.
KERNEL(256) column_parts(float *parts, const float *x, int hw, int c, int chunk) {
    add_rows(parts, hw, c, chunk, [=](long long i, float &a, float &) { a += x[i]; });
}

// y (n,c) = scale · the sums of all chunks.
KERNEL(256) column_finish(float *y, const float *parts, int chunks, int c, float scale) {
    int channel = blockIdx.y * blockDim.x + threadIdx.x, sample = blockIdx.z;
    double a, b;
    add_chunks(parts, chunks, c, channel, sample, a, b);
    if (threadIdx.y == 0 && channel < c) y[sample * c + channel] = (float)(a * scale);
}

// dx (n,hw,c) = dy (n,c) · scale.
KERNEL(256) spread_columns(float *dx, const float *dy, int hw, int c, int chunk, float scale) {
    Column col(hw, c, chunk);
    if (col.channel >= c) return;
    float v = dy[col.sample * c + col.channel] * scale;
    for (int r = col.first + threadIdx.y; r < col.last; r += blockDim.y) dx[((long long)col.sample * hw + r) * c + col.channel] = v;
}
