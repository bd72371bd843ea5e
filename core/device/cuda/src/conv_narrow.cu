// Convolutions of stride 1 to at most four channels, such as the last of an image network, in full float32: a
// matrix product would leave most of its columns empty.
//
// A block computes 32x16 outputs, a thread four below each other. Four channels at a time, the picture under the
// block lies in shared memory as (16+KH-1, 32+KW-1) vectors, the weights as four vectors a tap; going down a
// column of the kernel, a thread reads one new pixel for 4x4x4 products.
#include "device.h"

DEVICE float dot4(float4 a, float4 b, float sum) { return fmaf(a.w, b.w, fmaf(a.z, b.z, fmaf(a.y, b.y, fmaf(a.x, b.x, sum)))); }

// out (n,OH,OW,N), x (n,H,W,C), w (KH,KW,C,N), N <= 4. Shared memory: picture and weights, in that order.
// vector: C is a multiple of 4 and x is aligned.
KERNEL(128) conv_narrow(float *out, const float *x, const float *w, const float *bias, const float *residual, int H, int W, int C, int OH,
                        int OW, int N, int KH, int KW, int pad, int border, int act, int vector) {
    SHARED(float4, picture);
    const int width = 32 + KW - 1, height = 16 + KH - 1, thread = threadIdx.x;
    float4 *weights = picture + width * height;
    const int tx = thread & 31, ty = thread >> 5 << 2, x0 = blockIdx.x * 32, y0 = blockIdx.y * 16, sample = blockIdx.z;
    float sum[4][4]; // output row, channel
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
        for (int o = 0; o < 4; o++) sum[i][o] = 0;
    for (int c = 0; c < C; c += 4) {
        __syncthreads();
        for (int p = thread; p < width * height; p += 128) {
            int i = border_index(y0 + p / width - pad, H, border), j = border_index(x0 + p % width - pad, W, border);
            float4 v = make_float4(0, 0, 0, 0);
            if (i >= 0 && j >= 0) {
                const float *from = x + (long long)((sample * H + i) * W + j) * C + c;
                if (vector) {
                    v = *(const float4 *)from;
                } else {
                    v.x = from[0];
                    if (c + 1 < C) v.y = from[1];
                    if (c + 2 < C) v.z = from[2];
                    if (c + 3 < C) v.w = from[3];
                }
            }
            picture[p] = v;
        }
        for (int p = thread; p < KH * KW * 4; p += 128) { // tap, output channel
            int o = p & 3;
            const float *from = w + ((long long)(p >> 2) * C + c) * N + o;
            float4 v = make_float4(0, 0, 0, 0);
            if (o < N) {
                v.x = from[0];
                if (c + 1 < C) v.y = from[N];
                if (c + 2 < C) v.z = from[2 * N];
                if (c + 3 < C) v.w = from[3 * N];
            }
            weights[p] = v;
        }
        __syncthreads();
        for (int b = 0; b < KW; b++) {
            const float4 *column = picture + ty * width + tx + b;
            float4 v[4]; // rows a to a+3 under this tap
            v[1] = column[0], v[2] = column[width], v[3] = column[2 * width];
#pragma unroll 4
            for (int a = 0; a < KH; a++) {
                v[0] = v[1], v[1] = v[2], v[2] = v[3], v[3] = column[(a + 3) * width];
                const float4 *tap = weights + (a * KW + b) * 4;
#pragma unroll
                for (int o = 0; o < 4; o++) {
                    if (o == 3 && N < 4) continue; // pictures have three
                    float4 f = tap[o];
#pragma unroll
                    for (int i = 0; i < 4; i++) sum[i][o] = dot4(v[i], f, sum[i][o]);
                }
            }
        }
    }
    int j = x0 + tx;
    if (j >= OW) return;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        if (y0 + ty + i >= OH) continue;
        long long at = (long long)((sample * OH + y0 + ty + i) * OW + j) * N;
#pragma unroll
        for (int o = 0; o < 4; o++) {
            if (o >= N) continue;
            float v = activate(bias ? sum[i][o] + bias[o] : sum[i][o], act);
            out[at + o] = residual ? v + residual[at + o] : v;
        }
    }
}
