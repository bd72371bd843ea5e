// A driver for tests: libcuda.so.1 with GPUs that are the processor. It knows what
// core/device/gpu calls, does everything at once, and computes two kernels.
//
// MOCK_CUDA changes it, a list of name:number with commas: init:803 lets cuInit
// fail with that code, devices:3 has three GPUs, driver:11040 is of that version,
// memory:N gives out N bytes at most, context:2 lets every context fail, launch:719 lets every launch fail.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t pointer;

enum { out_of_memory = 2, not_found = 500 };

static long setting(const char *name, long otherwise) {
	size_t n = strlen(name);
	for (const char *s = getenv("MOCK_CUDA"); s && *s; s = strchr(s, ',')) {
		if (*s == ',') s++;
		if (!strncmp(s, name, n) && s[n] == ':') return atol(s + n + 1);
	}
	return otherwise;
}

int cuInit(unsigned flags) { (void)flags; return setting("init", 0); }
int cuDriverGetVersion(int *v) { *v = setting("driver", 12020); return 0; }
int cuDeviceGetCount(int *n) { *n = setting("devices", 1); return 0; }
int cuDeviceGet(int *d, int n) { *d = n; return 0; }
int cuDeviceGetName(char *s, int n, int d) { (void)d; strncpy(s, "Mock GPU", n); return 0; }
int cuDeviceTotalMem_v2(size_t *n, int d) { (void)d; *n = (size_t)8 << 30; return 0; }
int cuDeviceGetAttribute(int *v, int what, int d) {
	(void)d;
	*v = what == 75 ? 8 : what == 76 ? 6 : what == 97 ? 99 << 10 : 64; // compute capability 8.6, shared memory
	return 0;
}

int cuCtxCreate_v2(void **c, unsigned flags, int d) {
	(void)flags, (void)d;
	*c = malloc(1);
	return setting("context", 0);
}
int cuCtxDestroy_v2(void *c) { free(c); return 0; }
int cuStreamCreate(void **s, unsigned flags) { (void)flags; *s = malloc(1); return 0; }
int cuEventCreate(void **e, unsigned flags) { (void)flags; *e = malloc(1); return 0; }
int cuEventRecord(void *e, void *s) { return e && s ? 0 : 400; }
int cuEventQuery(void *e) { return e ? 0 : 400; }
int cuStreamWaitEvent(void *s, void *e, unsigned flags) { return s && e && !flags ? 0 : 400; }

static size_t used;

int cuMemGetInfo_v2(size_t *free, size_t *total) {
	*total = setting("memory", 8l << 30);
	*free = *total - used;
	return 0;
}
int cuMemAlloc_v2(pointer *p, size_t n) {
	if (used + n > (size_t)setting("memory", 8l << 30)) return out_of_memory;
	used += n;
	size_t *at = aligned_alloc(256, (n + 511) / 256 * 256);
	at[0] = n; // before what is given out
	*p = (pointer)(uintptr_t)at + 256;
	return 0;
}
int cuMemFree_v2(pointer p) {
	size_t *at = (size_t *)(uintptr_t)(p - 256);
	used -= at[0];
	free(at);
	return 0;
}
int cuMemHostAlloc(void **p, size_t n, unsigned flags) { (void)flags; *p = malloc(n); return *p ? 0 : out_of_memory; }
int cuMemcpyHtoDAsync_v2(pointer to, const void *from, size_t n, void *s) {
	memcpy((void *)(uintptr_t)to, from, n);
	return s ? 0 : 400;
}
int cuMemcpyDtoHAsync_v2(void *to, pointer from, size_t n, void *s) {
	memcpy(to, (void *)(uintptr_t)from, n);
	return s ? 0 : 400;
}

int cuModuleLoadData(void **m, const void *text) { *m = strstr(text, ".version") ? strdup(text) : NULL; return *m ? 0 : 218; }
int cuModuleGetFunction(void **f, void *m, const char *name) {
	char entry[200] = ".entry ";
	strncat(entry, name, sizeof entry - 10);
	strcat(entry, "(");
	if (!strstr(m, entry)) return not_found;
	*f = strdup(name);
	return 0;
}
int cuFuncSetAttribute(void *f, int what, int v) { (void)f; return what == 8 && v > 48 << 10 ? 0 : 1; }

int cuLaunchKernel(void *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *s,
                   void **a, void **extra) {
	if (setting("launch", 0)) return setting("launch", 0);
	if (!s || extra || !gx || !gy || !gz || !bx || !by || !bz || shared) return 1;
	float *y = *(float **)a[0], *x = *(float **)a[1];
	if (!strcmp(f, "activation")) { // y, x, n, act
		for (int i = 0, n = *(int *)a[2], act = *(int *)a[3]; i < n; i++) y[i] = act == 1 && x[i] < 0 ? 0 : x[i];
		return 0;
	}
	if (!strcmp(f, "linear")) { // y, a, b, n, alpha, beta, by
		float *b = *(float **)a[2], alpha = *(float *)a[4], beta = *(float *)a[5];
		for (int i = 0, n = *(int *)a[3]; i < n; i++) y[i] = b ? alpha * x[i] + beta * b[i] : alpha * x[i];
		return 0;
	}
	return not_found;
}
