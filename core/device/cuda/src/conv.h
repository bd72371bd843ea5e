// Convolution as a matrix product that is never laid out (implicit GEMM, as in cuDNN: Chetlur et al., 2014).
//
//   out[m,o] = act(bias[o] + Σ_k A[m,k]·B[k,o]) + residual[m,o]
//
// A row m is an output pixel (sample, i, j), a column k a tap of the kernel and a channel of the source. A is
// gathered from the source while it is copied to shared memory. Two ways of gathering serve all convolutions:
//
//   direct  source = i·stride + a - pad                 forward; data gradient of a transposed one
//   turned  source = (i + pad - a)/step, if whole        transposed; data gradient of a plain one
//
// In the turned way outputs are dealt with in step² phases (i mod step, j mod step): within a phase the same
// taps a = r, r+step, ... are whole for every pixel, and nothing is multiplied by zeros.
// B is w (KH,KW,C,N) as it is, or with SWAPPED (KH,KW,N,C), the weights seen from the other side.
#pragma once
#include "device.h"

enum { THREADS = 128, TILE_K = 16 };
// WHOLE: a tile of k lies in one tap, since CK is a multiple of TILE_K, and A is copied in vectors. QUADS: each
// vector of A is a tap, since CK is 4; the gathering is direct, so B is read row after row.
enum { VECTOR_A = 1, VECTOR_B = 2, VECTOR_OUT = 4, TURNED = 8, WHOLE = 16, QUADS = 32 };

// What a kernel is given.
//   out (n,OH,OW,N), or (splits, n,OH,OW,N) partial sums if splits > 1; x (n,H,W,C); w; bias?; residual? as out
//   CK: channels that a tap takes in k, at least C; up: the source is seen enlarged
//   stages: of shared memory that hold tiles on their way; flags: the enum above
#define CONV_PARAMS                                                                                                                        \
    float *__restrict__ out, const float *__restrict__ x, const float *__restrict__ w, const float *__restrict__ bias, const float *residual, \
        int n, int H, int W, int C, int CK, int OH, int OW, int N, int KH, int KW, int stride, int step, int pad, int border, int up,          \
        int splits, int stages, int act, int flags
#define CONV_ARGS \
    {out, x, w, bias, residual, n, H, W, C, CK, OH, OW, N, KH, KW, stride, step, pad, border, up, splits, stages, act, flags}

struct Conv {
    float *out;
    const float *x, *w, *bias, *residual;
    int n, H, W, C, CK, OH, OW, N, KH, KW, stride, step, pad, border, up, splits, stages, act, flags;
};

// The taps of one axis in one phase: tap a' is row first + every·a' of the kernel and looks at source
// i·stride + origin + way·a'.
struct Axis {
    int first, every, count, origin, way, stride, outputs;
};
DEVICE Axis axis(const Conv &c, int K, int O, int phase) {
    if (!(c.flags & TURNED)) {
        Axis a = {0, 1, K, -c.pad, 1, c.stride, O};
        return a;
    }
    int r = (phase + c.pad) % c.step;
    Axis a = {r, c.step, r < K ? (K - r + c.step - 1) / c.step : 0, (phase + c.pad - r) / c.step, -1, 1, (O - phase + c.step - 1) / c.step};
    return a;
}

// A place in k: tap (a,b) and a channel.
struct Place {
    int a, b, c;
};
DEVICE Place advance(Place p, int by, int channels, int width) {
    p.c += by;
#pragma unroll 1
    while (p.c >= channels) {
        p.c -= channels;
        if (++p.b == width) {
            p.b = 0;
            p.a++;
        }
    }
    return p;
}

// The block's share of the work, and what its threads copy to shared memory.
template <int BM, int BN, int WORDS, bool SWAPPED> struct Loader {
    enum {
        ROWS = BM / 32,                      // rows of A for each thread, four threads a row
        COLUMNS = SWAPPED ? BN / 32 : BN / 4, // of B: rows of BN for each thread, or vectors in a row
        KROWS = TILE_K / WORDS,              // rows of words of B in a tile
        STEP = SWAPPED ? 1 : THREADS / COLUMNS, // of them that the threads copy at once; those left over rest
        PASSES = (KROWS + STEP - 1) / STEP,
        STRIDE_A = WORDS == 1 ? TILE_K + 4 : TILE_K + 8,
        STRIDE_B = SWAPPED ? TILE_K + 4 : BN + 8,
        SIZE_A = BM * STRIDE_A,
        SIZE_B = SWAPPED ? BN * STRIDE_B : KROWS * STRIDE_B
    };
    const Conv &c;
    Axis y, x;
    int py, px, m0, n0, split, rows; // rows of A in all
    Place at;                        // the next tile
    int tiles;                       // still to be computed
    int si[ROWS], sj[ROWS], base[ROWS];
    // With WHOLE: where this thread reads next, until the tap ends. live: which rows of A are no zeros. With QUADS
    // at is the tap of this thread, and live how many rows of B are left for it.
    const float *pa[ROWS], *pb;
    int live;

    DEVICE Loader(const Conv &conv) : c(conv) {
        int phases = c.step * c.step, phase = blockIdx.z % phases;
        split = blockIdx.z / phases;
        py = phase / c.step, px = phase % c.step;
        y = axis(c, c.KH, c.OH, py), x = axis(c, c.KW, c.OW, px);
        rows = c.n * y.outputs * x.outputs;
        m0 = blockIdx.x * BM, n0 = blockIdx.y * BN;
        int all = (y.count * x.count * c.CK + TILE_K - 1) / TILE_K;
        int first = (int)((long long)all * split / c.splits);
        tiles = (int)((long long)all * (split + 1) / c.splits) - first;
        int k = first * TILE_K, tap = k / c.CK;
        at.c = k - tap * c.CK;
        at.a = x.count ? tap / x.count : 0;
        at.b = tap - at.a * x.count;
        #pragma unroll
        for (int r = 0; r < ROWS; r++) {
            int m = m0 + (threadIdx.x >> 2) + 32 * r;
            if (m >= rows) {
                base[r] = -1, si[r] = sj[r] = 0;
                continue;
            }
            int line = m / x.outputs, sample = line / y.outputs;
            sj[r] = (m - line * x.outputs) * x.stride + x.origin;
            si[r] = (line - sample * y.outputs) * y.stride + y.origin;
            base[r] = sample * c.H;
        }
        if (c.flags & WHOLE) enter();
        if (c.flags & QUADS) {
            int r = k / WORDS + threadIdx.x / COLUMNS;
            pb = c.w + (long long)r * c.N + n0 + threadIdx.x % COLUMNS * 4;
            live = c.KH * c.KW * c.CK / WORDS - r;
            at = advance(at, 4 * (threadIdx.x & 3), c.CK, x.count);
        }
    }

    // The source of row r at a tap, or null where there are zeros.
    DEVICE const float *source(int r, Place p) const {
        int i = border_index(si[r] + y.way * p.a, c.H * c.up, c.border);
        int j = border_index(sj[r] + x.way * p.b, c.W * c.up, c.border);
        if (i < 0 || j < 0 || base[r] < 0 || p.a >= y.count || p.c >= c.C) return nullptr;
        if (c.up == 2) i >>= 1, j >>= 1;
        return c.x + (long long)((base[r] + i) * c.W + j) * c.C + p.c;
    }
    DEVICE int tap(Place p) const { return (y.first + y.every * p.a) * c.KW + x.first + x.every * p.b; }

    // Finds the sources of the tap that the next tile lies in.
    DEVICE void enter() {
        int lane = threadIdx.x & 3;
        Place p = {at.a, at.b, at.c + 4 * lane};
        live = 0;
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            const float *from = source(r, p);
            pa[r] = from ? from : c.x + p.c; // a valid address, though nothing is read there
            live |= (int)(from != nullptr) << r;
        }
        int t = at.a < y.count ? tap(p) : 0; // after the last tile there is no tap
        pb = SWAPPED ? c.w + ((long long)t * c.N + n0 + (threadIdx.x >> 2)) * c.C + p.c
                     : c.w + ((long long)t * (c.CK / WORDS) + at.c / WORDS + threadIdx.x / COLUMNS) * c.N + n0 + threadIdx.x % COLUMNS * 4;
    }

    // Copies the next rows of B, of which so many are left.
    DEVICE void load_rows(float *B, int left) {
        int first = threadIdx.x / COLUMNS, column = threadIdx.x % COLUMNS * 4, rows = first < STEP ? KROWS - first : 0;
        float *to = B + first * STRIDE_B + column;
        if (c.flags & VECTOR_B) {
#pragma unroll
            for (int r = 0; r < PASSES; r++) {
                bool keep = n0 + column < c.N && r * STEP < left;
                if ((KROWS % STEP == 0 && THREADS % COLUMNS == 0) || r * STEP < rows)
                    copy16(to + r * STEP * STRIDE_B, keep ? pb + (long long)r * STEP * c.N : c.w, keep);
            }
        } else {
#pragma unroll 1
            for (int e = 0; e < 4; e++) {
#pragma unroll
                for (int r = 0; r < PASSES; r++) {
                    bool keep = n0 + column + e < c.N && r * STEP < left;
                    if (r * STEP < rows) copy4(to + r * STEP * STRIDE_B + e, keep ? pb + (long long)r * STEP * c.N + e : c.w, keep);
                }
            }
        }
        pb += (long long)KROWS * c.N;
    }

    // load with QUADS.
    DEVICE void load_quads(float *A, float *B) {
        int lane = threadIdx.x & 3, row = threadIdx.x >> 2;
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            const float *from = source(r, at);
            copy16_cached(A + (row + 32 * r) * STRIDE_A + 4 * lane, from ? from : c.x, from);
        }
        load_rows(B, live);
        live -= KROWS;
        at.b += 4;
#pragma unroll 1
        while (at.b >= x.count) at.b -= x.count, at.a++;
    }

    // load with WHOLE: within a tap the sources of one tile lie beside those of the one before.
    DEVICE void load_whole(float *A, float *B) {
        int lane = threadIdx.x & 3, row = threadIdx.x >> 2;
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            copy16(A + (row + 32 * r) * STRIDE_A + 4 * lane, pa[r], live >> r & 1);
            pa[r] += TILE_K;
        }
        if (SWAPPED) {
#pragma unroll
            for (int r = 0; r < COLUMNS; r++) {
                bool keep = n0 + row + 32 * r < c.N;
                copy16(B + (row + 32 * r) * STRIDE_B + 4 * lane, keep ? pb + (long long)32 * r * c.C : c.w, keep);
            }
            pb += TILE_K;
        } else {
            load_rows(B, KROWS);
        }
        at.c += TILE_K;
        if (at.c == c.CK) {
            at.c = 0;
            if (++at.b == x.count) at.b = 0, at.a++;
            enter();
        }
    }

    // Starts the copies of the next tile.
    DEVICE void load(float *A, float *B) {
        if (c.flags & WHOLE) {
            load_whole(A, B);
            return;
        }
        if (!SWAPPED && (c.flags & QUADS)) {
            load_quads(A, B);
            return;
        }
        int lane = threadIdx.x & 3, row = threadIdx.x >> 2;
        Place p = advance(at, 4 * lane, c.CK, x.count);
        #pragma unroll
        for (int r = 0; r < ROWS; r++) {
            float *to = A + (row + 32 * r) * STRIDE_A + 4 * lane;
            if (c.flags & VECTOR_A) {
                const float *from = source(r, p);
                copy16(to, from ? from : c.x, from);
            } else {
                #pragma unroll 1
                for (int e = 0; e < 4; e++) {
                    const float *from = source(r, advance(p, e, c.CK, x.count));
                    copy4(to + e, from ? from : c.x, from);
                }
            }
        }
        if (SWAPPED) {
            #pragma unroll
            for (int r = 0; r < COLUMNS; r++) {
                int o = n0 + row + 32 * r;
                float *to = B + (row + 32 * r) * STRIDE_B + 4 * lane;
                #pragma unroll 1
                for (int e = 0; e < 4; e++) {
                    Place q = advance(p, e, c.CK, x.count);
                    bool keep = o < c.N && q.a < y.count;
                    const float *from = keep ? c.w + ((long long)tap(q) * c.N + o) * c.C + q.c : c.w;
                    if (c.flags & VECTOR_A) { // w has the alignment of x in channels
                        copy16(to, from, keep);
                        break;
                    }
                    copy4(to + e, from, keep);
                }
            }
        } else {
            int column = threadIdx.x % COLUMNS * 4, o = n0 + column;
            Place q = {at.a, at.b, at.c / WORDS};
            #pragma unroll
            for (int r = threadIdx.x / COLUMNS < STEP ? threadIdx.x / COLUMNS : KROWS; r < KROWS; r += STEP) {
                Place s = advance(q, r, c.CK / WORDS, x.count);
                bool keep = s.a < y.count;
                const float *from = c.w + (keep && o < c.N ? ((long long)tap(s) * (c.CK / WORDS) + s.c) * c.N + o : 0);
                float *to = B + r * STRIDE_B + column;
                if (c.flags & VECTOR_B) {
                    copy16(to, from, keep && o < c.N);
                } else {
                    #pragma unroll 1
                    for (int e = 0; e < 4; e++) {
                        bool inside = keep && o + e < c.N;
                        copy4(to + e, inside ? from + e : c.w, inside);
                    }
                }
            }
        }
        at = advance(at, TILE_K, c.CK, x.count);
    }

    // The place of row m of A in out, as a pixel, or -1.
    DEVICE int pixel(int m) const {
        if (m >= rows) return -1;
        int line = m / x.outputs, sample = line / y.outputs;
        int i = (line - sample * y.outputs) * c.step + py, j = (m - line * x.outputs) * c.step + px;
        return (sample * c.OH + i) * c.OW + j;
    }
    // Writes what is in place for the rows of the block: four values of row m at column o.
    DEVICE void store4(int pixel, int o, float4 v) const {
        if (pixel < 0 || o >= c.N) return;
        long long at = (long long)pixel * c.N + o;
        if (c.splits > 1) at += (long long)split * c.n * c.OH * c.OW * c.N;
        bool finish = c.splits == 1;
        if (c.flags & VECTOR_OUT) {
            if (finish) {
                if (c.bias) {
                    float4 b = *(const float4 *)(c.bias + o);
                    v.x += b.x, v.y += b.y, v.z += b.z, v.w += b.w;
                }
                v = make_float4(activate(v.x, c.act), activate(v.y, c.act), activate(v.z, c.act), activate(v.w, c.act));
                if (c.residual) {
                    float4 r = *(const float4 *)(c.residual + at);
                    v.x += r.x, v.y += r.y, v.z += r.z, v.w += r.w;
                }
            }
            *(float4 *)(c.out + at) = v;
            return;
        }
#pragma unroll 1
        for (int e = 0; e < 4 && o + e < c.N; e++) {
            float u = e == 0 ? v.x : e == 1 ? v.y : e == 2 ? v.z : v.w;
            if (finish) {
                u = activate(c.bias ? u + c.bias[o + e] : u, c.act);
                if (c.residual) u += c.residual[at + e];
            }
            c.out[at + e] = u;
        }
    }
    // Writes a strip of 16 rows from shared memory; lanes share the work. Row r of it is row m + r of the block.
    DEVICE void flush(const int *pixels, const float *strip, int stride, int columns, int m, int n, int lane, int lanes) const {
        int vectors = columns / 4;
#pragma unroll 1
        for (int v = lane; v < 16 * vectors; v += lanes) {
            int r = v / vectors, o = v % vectors * 4;
            store4(pixels[m + r], n0 + n + o, *(const float4 *)(strip + r * stride + o));
        }
    }
};

// The loop over tiles, copies running stages - 1 tiles ahead. Math computes the block's tile.
template <class Math, int BM, int BN, int WM, int WN, bool SWAPPED> DEVICE void convolve(const Conv &c) {
    typedef Loader<BM, BN, Math::WORDS, SWAPPED> Load;
    Load load(c);
    if (load.m0 >= load.rows) return;
    SHARED(float, memory);
    const int size = Load::SIZE_A + Load::SIZE_B;
    int tiles = load.tiles;
    Math math(Load::STRIDE_A, Load::STRIDE_B);
    int now = 0, next = 0;
    for (int t = 1 - c.stages; t < tiles; t++) {
        if (t >= 0) {
            if (c.stages == 2)
                copy_wait<0>();
            else if (c.stages == 3)
                copy_wait<1>();
            else
                copy_wait<2>();
            __syncthreads(); // the tile is here for all, and all are done with the one before it
        }
        if (t + c.stages - 1 < tiles) load.load(memory + next * size, memory + next * size + Load::SIZE_A);
        copy_commit();
        next = next + 1 == c.stages ? 0 : next + 1;
        if (t >= 0) {
            math.add(memory + now * size, memory + now * size + Load::SIZE_A);
            now = now + 1 == c.stages ? 0 : now + 1;
        }
    }
    copy_wait<0>();
    __syncthreads(); // tiles have had their time: their memory carries the results
    int *pixels = (int *)memory;
    if (threadIdx.x < BM) pixels[threadIdx.x] = load.pixel(load.m0 + threadIdx.x);
    __syncthreads();
    math.store(load, pixels, memory + BM);
}
