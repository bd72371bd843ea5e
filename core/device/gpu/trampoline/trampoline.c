// A stand-in for libcuda, linked into the program as libcuda.a.
//
// gorgonia.org/cu calls the driver while the program starts, and a program that
// is linked with libcuda.so.1 does not start where that is missing. So every entry
// point here is one jump through a pointer. At first the pointers lead to functions
// that answer for a driver that is not there; atelier_cuda_open opens libcuda.so.1
// and lets them lead into it. One binary serves machines with and without a driver,
// and a command that computes nothing does not wait for the driver to wake.
//
// The pointers may change only before the first goroutine calls the driver:
// core/device/gpu calls atelier_cuda_open once, before all else.

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "trampoline.h"

#if !defined(__x86_64__) || !defined(__linux__)
#error "the GPU is supported on linux/amd64 only: build without -tags gpu"
#endif

enum { success = 0, not_initialised = 3, no_device = 100, no_function = 500 };

static int absent(void) { return no_device; }        // any call without a driver
static int missing(void) { return no_function; }     // what an older driver lacks
static int pretend(unsigned flags) { (void)flags; return success; }
static int none(int *n) { if (n) *n = 0; return success; }

// jump defines name as a jump through its pointer. The arguments stay where they
// are, so one shape serves every signature. Hidden: the driver must not find
// these instead of its own.
#define X(name)                                                          \
	__attribute__((visibility("hidden"))) void *atelier_at_##name = absent; \
	__asm__(".text\n.p2align 4\n"                                         \
	        ".globl " #name "\n.hidden " #name "\n"                        \
	        ".type " #name ", @function\n" #name ":\n"                     \
	        "\tjmp *atelier_at_" #name "(%rip)\n"                          \
	        ".size " #name ", .-" #name "\n");
#include "symbols.h"
#undef X

// A program that has not opened the driver sees one without devices.
__attribute__((constructor)) static void begin(void) {
	atelier_at_cuInit = pretend;
	atelier_at_cuDeviceGetCount = none;
	atelier_at_cuDriverGetVersion = none;
}

static char reason[256];

const char *atelier_cuda_reason(void) { return reason; }

int atelier_cuda_open(void) {
	void *lib = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		const char *why = dlerror();
		snprintf(reason, sizeof reason, "%s", why ? why : "libcuda.so.1 cannot be opened");
		return atelier_cuda_no_library;
	}
	int (*init)(unsigned) = (int (*)(unsigned))dlsym(lib, "cuInit");
	int code = init ? init(0) : no_function;
	if (code != success) {
		return code;
	}
#define X(name)                                        \
	{                                                    \
		void *at = dlsym(lib, #name);                      \
		atelier_at_##name = at ? at : (void *)missing;     \
	}
#include "symbols.h"
#undef X
	return success;
}
