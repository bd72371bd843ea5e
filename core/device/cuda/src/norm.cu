// Normalisation over the pixels of every sample and channel, x (n,hw,c):
//
//	mean = Σ x / hw   invstd = 1/√(Σ (x-mean)²/hw + eps)   y = act((x-mean)·invstd·gamma + beta) + residual
//
// Ulyanov, Vedaldi and Lempitsky, "Instance normalization" (2016); Dumoulin, Shlens and Kudlur, "A learned
// representation for artistic style" (2017); with n = 1 and hw = all rows, Ioffe and Szegedy, "Batch
// normalization" (2015). Statistics and parameters of sample s begin at s·stride: see NormParams in Go.
#include "columns.h"

// Sums of d = x - shift and d², where shift is the first row of the sample: the differences are small however
// far the values are from zero.
KERNEL(256) moments_parts(float *parts, const float *x, int hw, int c, int chunk) {
    int channel = blockIdx.y * blockDim.x + threadIdx.x;
    float shift = channel < c ? x[(long long)blockIdx.z * hw * c + channel] : 0.0f;
    add_rows(parts, hw, c, chunk, [=](long long i, float &a, float &b) {
        float d = x[i] - shift;
        a += d;
        b = fmaf(d, d, b);
    });
}

// mean = shift + Σd/hw and 1/√(variance + eps), or with std √(variance + eps), at s·stride.
KERNEL(256) moments_finish(float *mean, float *invstd, const float *parts, const float *x, int chunks, int hw, int c, float eps, int std,
                           int stride) {
    int channel = blockIdx.y * blockDim.x + threadIdx.x, sample = blockIdx.z;
    double a, b;
    add_chunks(parts, chunks, c, channel, sample, a, b);
    if (threadIdx.y > 0 || channel >= c) return;
    double d = a / hw, variance = b / hw - d * d, root = sqrt((variance > 0 ? variance : 0.0) + eps);
    mean[sample * stride + channel] = (float)(x[(long long)sample * hw * c + channel] + d);
    invstd[sample * stride + channel] = (float)(std ? root : 1 / root);
}

// The affine map of a channel: y = (x-mean)·scale + beta. Null pointers are 0, 1, 1 and 0.
struct Affine {
    float mean, invstd, gamma, beta;
    DEVICE Affine(const float *m, const float *i, const float *g, const float *b, int stats, int params, int s, int c) {
        mean = m ? m[s * stats + c] : 0.0f, invstd = i ? i[s * stats + c] : 1.0f;
        gamma = g ? g[s * params + c] : 1.0f, beta = b ? b[s * params + c] : 0.0f;
    }
};

// y = act((x-mean)·invstd·gamma + beta) + residual; y may be x or residual.
KERNEL(256) norm_apply(float *y, const float *x, const float *residual, const float *mean, const float *invstd, const float *gamma,
                       const float *beta, int stats, int params, int hw, int c, int chunk, int act) {
    Column col(hw, c, chunk);
    if (col.channel >= c) return;
    Affine f(mean, invstd, gamma, beta, stats, params, col.sample, col.channel);
    float scale = f.invstd * f.gamma;
    long long base = (long long)col.sample * hw * c + col.channel;
    map_rows<2>(col, [=](int row, float *v) {
        long long i = base + (long long)row * c;
        v[0] = x[i], v[1] = residual ? residual[i] : 0.0f;
    }, [=](int row, const float *v) { y[base + (long long)row * c] = activate((v[0] - f.mean) * scale + f.beta, act) + v[1]; });
}

// Sums of dz and dz·(x-mean)·invstd, dz = dy taken through the activation by its result y, if y is there.
KERNEL(256) norm_grad_parts(float *parts, const float *x, const float *y, const float *dy, const float *mean, const float *invstd, int stats,
                            int hw, int c, int chunk, int act) {
    int channel = blockIdx.y * blockDim.x + threadIdx.x;
    if (channel >= c) channel = 0;
    Affine f(mean, invstd, nullptr, nullptr, stats, 0, blockIdx.z, channel);
    add_rows(parts, hw, c, chunk, [=](long long i, float &a, float &b) {
        float d = y ? activate_grad(y[i], dy[i], act) : dy[i];
        a += d;
        b = fmaf(d, (x[i] - f.mean) * f.invstd, b);
    });
}

// sums (n,2,c): Σ dz and Σ dz·x̂.
KERNEL(256) norm_grad_finish(float *sums, const float *parts, int chunks, int c) {
    int channel = blockIdx.y * blockDim.x + threadIdx.x, sample = blockIdx.z;
    double a, b;
    add_chunks(parts, chunks, c, channel, sample, a, b);
    if (threadIdx.y > 0 || channel >= c) return;
    sums[sample * 2 * c + channel] = (float)a;
    sums[sample * 2 * c + c + channel] = (float)b;
}

// dx = gamma·invstd·(dz - Σdz/hw - x̂·Σ(dz·x̂)/hw); dx may be dy.
KERNEL(256) norm_grad_apply(float *dx, const float *x, const float *y, const float *dy, const float *sums, const float *mean,
                            const float *invstd, const float *gamma, int stats, int params, int hw, int c, int chunk, int act) {
    Column col(hw, c, chunk);
    if (col.channel >= c) return;
    Affine f(mean, invstd, gamma, nullptr, stats, params, col.sample, col.channel);
    float db = sums[col.sample * 2 * c + col.channel] / hw, dg = sums[col.sample * 2 * c + c + col.channel] / hw;
    float scale = f.invstd * f.gamma;
    long long base = (long long)col.sample * hw * c + col.channel;
    map_rows<3>(col, [=](int row, float *v) {
        long long i = base + (long long)row * c;
        v[0] = x[i], v[1] = dy[i], v[2] = y ? y[i] : 0.0f;
    }, [=](int row, const float *v) {
        float d = y ? activate_grad(v[2], v[1], act) : v[1];
        dx[base + (long long)row * c] = scale * (d - db - (v[0] - f.mean) * f.invstd * dg);
    });
}

// dbeta and dgamma from sums (n,2,c): of each sample at s·params, or, with params 0, added over the samples.
KERNEL(256) norm_grad_params(float *dgamma, float *dbeta, const float *sums, int n, int c, int params) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < (params ? n * c : c); i += gridDim.x * blockDim.x) {
        int s = i / c, k = i - s * c;
        if (params) {
            dbeta[s * params + k] = sums[s * 2 * c + k];
            dgamma[s * params + k] = sums[s * 2 * c + c + k];
            continue;
        }
        double b = 0, g = 0;
        for (s = 0; s < n; s++) b += sums[s * 2 * c + k], g += sums[s * 2 * c + c + k];
        dbeta[k] = (float)b, dgamma[k] = (float)g;
    }
}

// Running statistics move by momentum towards those of a batch of rows, the variance unbiased.
KERNEL(256) norm_running(float *run_mean, float *run_var, const float *mean, const float *invstd, int rows, int c, float eps, float momentum) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k >= c) return;
    double inv = invstd[k], variance = 1 / (inv * inv) - eps;
    float v = (float)((variance > 0 ? variance : 0.0) * rows / (rows > 1 ? rows - 1 : 1));
    run_mean[k] += momentum * (mean[k] - run_mean[k]);
    run_var[k] += momentum * (v - run_var[k]);
}

// scale = gamma/√(var + eps), shift = beta - mean·scale.
KERNEL(256) norm_fold(float *scale, float *shift, const float *gamma, const float *beta, const float *mean, const float *var, int c, float eps) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k >= c) return;
    float f = (float)(gamma[k] / sqrt((double)var[k] + eps));
    scale[k] = f;
    shift[k] = beta[k] - mean[k] * f;
}

// dx (n,hw,c) = (dmean + dstd·(x-mean)/std)/hw, the gradient of mean and standard deviation; all of them and
// their gradients lie as (n,2,c).
KERNEL(256) stats_grad(float *dx, const float *x, const float *stats, const float *dstats, int hw, int c, int chunk) {
    Column col(hw, c, chunk);
    if (col.channel >= c) return;
    const float *m = stats + col.sample * 2 * c + col.channel, *d = dstats + col.sample * 2 * c + col.channel;
    float a = d[0] / hw, b = d[c] / m[c] / hw, mean = m[0];
    long long base = (long long)col.sample * hw * c + col.channel;
    map_rows<1>(col, [=](int row, float *v) { v[0] = x[base + (long long)row * c]; },
             [=](int row, const float *v) { dx[base + (long long)row * c] = a + b * (v[0] - mean); });
}
