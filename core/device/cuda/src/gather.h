// How a block of conv.h gathers its tiles of A and B, and copies them to shared memory.
#pragma once

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
};
