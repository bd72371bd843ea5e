//go:build unix

package plugin

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLock(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good", "good2")
	file := filepath.Join(l.folder, LockFile)
	other := "good plan9/386 sha256:" + strings.Repeat("ab", 32) + "\n"
	if err := os.WriteFile(file, []byte("# ours\n\n"+other), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Describe(bg, "good"); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "no line for it") {
		t.Errorf("not locked on this platform: %v", err)
	}
	if paths, err := l.WriteLock(); err != nil || cmp.Diff(paths, []string{file}) != "" {
		t.Fatalf("WriteLock: %v, %v", paths, err)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), other) {
		t.Errorf("the lines of other platforms are lost: %s, %v", text, err)
	}
	for _, name := range []string{"good", "good2"} { // each start takes the checksum anew
		if _, err := l.Describe(bg, name); err != nil {
			t.Error(err)
		}
	}

	// Another executable under the name of a locked one does not start.
	l.note()
	l.Close()
	changed := New(l.cfg)
	defer changed.Close()
	os.Remove(filepath.Join(l.folder, "good"))
	if err := os.WriteFile(filepath.Join(l.folder, "good"), []byte("#!/bin/sh\ntouch started\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := changed.Describe(bg, "good"); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "not the executable that was locked") {
		t.Errorf("changed: %v", err)
	}
	if err := os.WriteFile(file, []byte("good\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := changed.Describe(bg, "good2"); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("broken lock file: %v", err)
	}
}

func TestParseLock(t *testing.T) {
	sum := strings.Repeat("0", 64)
	for text, say := range map[string]string{
		"":                                    "",
		"# a\n \na linux/amd64 sha256:" + sum: "",
		"a linux/amd64":                       "line 1: 2 words",
		"\nA linux/amd64 sha256:" + sum:       "line 2",
		"a linux sha256:" + sum:               "not a platform",
		"a linux/amd64 md5:" + sum:            "not a checksum",
		"a linux/amd64 sha256:" + sum[1:]:     "not a checksum",
		"a linux/amd64 sha256:g" + sum[1:]:    "not a checksum",
		strings.Repeat("x", 1<<17):            "no lock file",
		"a linux/amd64 sha256:" + sum + "\na linux/amd64 sha256:" + sum: "twice",
	} {
		_, err := ParseLock([]byte(text))
		if say == "" && err != nil || say != "" && (err == nil || !strings.Contains(err.Error(), say)) {
			t.Errorf("%.60q: %v: want %q", text, err, say)
		}
	}
}

func FuzzParseLock(f *testing.F) {
	f.Add([]byte("# c\nimpressionism linux/amd64 sha256:" + strings.Repeat("0f", 32) + "\n"))
	f.Add([]byte("a b c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLock(data)
		if err != nil {
			return
		}
		again, err := ParseLock([]byte(l.String()))
		if err != nil || again.String() != l.String() || len(again) != len(l) {
			t.Fatalf("%q does not survive writing: %v", l.String(), err)
		}
	})
}
