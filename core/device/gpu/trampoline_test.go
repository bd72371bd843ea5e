package gpu

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// probe calls the driver through the trampoline library as core/device/gpu does.
const probe = `
#include <stdio.h>
#include "trampoline.h"
int cuInit(unsigned); int cuDeviceGetCount(int*); int cuDriverGetVersion(int*); int cuDeviceGetName(char*,int,int);
int cuMemAlloc_v2(unsigned long long*, unsigned long); int cuCtxSynchronize(void);
int main(void) {
	int n = -1, v = -1; unsigned long long p; char name[64] = "";
	int early = cuInit(0);                 // what cu does as the program starts
	int before = cuMemAlloc_v2(&p, 1);
	int open = atelier_cuda_open();
	int count = cuDeviceGetCount(&n), version = cuDriverGetVersion(&v);
	int named = cuDeviceGetName(name, sizeof name, 0), lacking = cuCtxSynchronize();
	printf("init %d, alloc %d, open %d, count %d %d, version %d %d, name %d %s, lacking %d, reason %d\n",
		early, before, open, count, n, version, v, named, name, lacking, atelier_cuda_reason()[0] != 0);
	return 0;
}
`

// TestTrampoline builds the trampoline library and a mock driver in C.
func TestTrampoline(t *testing.T) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc: the trampoline library is not tested")
	}
	dir := t.TempDir()
	build := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(gcc, append([]string{"-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("probe.c"), []byte(probe), 0o644); err != nil {
		t.Fatal(err)
	}
	build("-c", "-fPIC", "-o", file("t.o"), filepath.Join("trampoline", "trampoline.c"))
	build("-I", "trampoline", "-o", file("probe"), file("probe.c"), file("t.o"), "-ldl")
	if err := os.Mkdir(file("lib"), 0o755); err != nil {
		t.Fatal(err)
	}
	build("-shared", "-fPIC", "-o", filepath.Join(file("lib"), "libcuda.so.1"), filepath.Join("trampoline", "mock.c"))
	bad := file("bad")
	if err := os.Mkdir(bad, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bad, "libcuda.so.1"), []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, mock, want string }{
		"no driver":     {bad, "", "init 0, alloc 100, open -1, count 0 0, version 0 0, name 100 , lacking 100, reason 1"},
		"a GPU":         {file("lib"), "", "init 0, alloc 100, open 0, count 0 1, version 0 12020, name 0 Mock GPU, lacking 500, reason 0"},
		"three GPUs":    {file("lib"), "devices:3", "count 0 3"},
		"init fails":    {file("lib"), "init:803", "init 0, alloc 100, open 803, count 0 0, version 0 0, name 100 , lacking 100, reason 0"},
		"an old driver": {file("lib"), "driver:11040", "version 0 11040"},
	} {
		cmd := exec.Command(file("probe"))
		cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+c.path, "MOCK_CUDA="+c.mock)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v\ngot  %swant %s", name, err, out, c.want)
		}
	}
}

// TestSymbols: the list of entry points is sorted and has none twice; the linker says if one is missing.
func TestSymbols(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("trampoline", "symbols.h"))
	if err != nil {
		t.Fatal(err)
	}
	last, n := "", 0
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "//") || line == "" {
			continue
		}
		var name string
		if _, err := fmt.Sscanf(line, "X(%s", &name); err != nil || !strings.HasPrefix(name, "cu") || name <= last {
			t.Errorf("line %q follows %q", line, last)
		}
		last = name
		n++
	}
	if n < 100 {
		t.Errorf("%d entry points", n)
	}
}
