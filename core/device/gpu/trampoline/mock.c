// A driver for tests: libcuda.so.1 with one or more GPUs that compute nothing.
// MOCK_CUDA=init:N lets cuInit fail with N, MOCK_CUDA=devices:N has N GPUs,
// MOCK_CUDA=driver:N is of version N.

#include <stdlib.h>
#include <string.h>

typedef unsigned long long pointer;

static int setting(const char *name, int otherwise) {
	const char *s = getenv("MOCK_CUDA");
	size_t n = strlen(name);
	return s && !strncmp(s, name, n) && s[n] == ':' ? atoi(s + n + 1) : otherwise;
}

int cuInit(unsigned flags) { (void)flags; return setting("init", 0); }
int cuDriverGetVersion(int *v) { *v = setting("driver", 12020); return 0; }
int cuDeviceGetCount(int *n) { *n = setting("devices", 1); return 0; }
int cuDeviceGet(int *d, int n) { *d = n; return 0; }
int cuDeviceGetName(char *s, int n, int d) { (void)d; strncpy(s, "Mock GPU", n); return 0; }
int cuDeviceTotalMem_v2(size_t *n, int d) { (void)d; *n = (size_t)8 << 30; return 0; }
int cuDeviceGetAttribute(int *v, int what, int d) {
	(void)d;
	*v = what == 75 ? 8 : what == 76 ? 6 : 64; // compute capability 8.6
	return 0;
}
