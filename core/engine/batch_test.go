package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
)

// batchOf makes a batch of n pictures in the home of a fake.
func batchOf(t *testing.T, n int) (*Engine, *fake) {
	t.Helper()
	e, f, _ := newFake(t)
	t.Chdir(f.home)
	if err := os.Mkdir("in", 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := picture.Save(fmt.Sprintf("in/%d.png", i), picture.Filled(8, 8, float32(i)/10, 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	return e, f
}

// run runs a batch and gives the states of its items as letters.
func (b *Batch) run(ctx context.Context, tell func(BatchEvent)) (string, error) {
	err := b.Run(ctx, tell)
	states := ""
	for _, item := range b.Items {
		states += string("wpsf"[item.State])
	}
	return states, err
}

// A disk that fills ends the batch: what is done stays, a second call goes on.
func TestBatchOnAFullDisk(t *testing.T) {
	e, f := batchOf(t, 5)
	full := true
	f.trouble = func(n int) error {
		if full && n == 3 {
			return &picture.Error{Op: "save", Path: "x", Kind: picture.ErrWrite, What: "the disk is full", Do: "free some space", Err: syscall.ENOSPC}
		}
		return nil
	}
	start := func() *Batch {
		b, err := e.Batch(context.Background(), Painting{Style: "cubism"}, []string{"in"}, "out")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := start()
	states, err := b.run(context.Background(), func(BatchEvent) {})
	if states != "ppfww" || ClassOf(err) != Output || len(b.Left()) != 3 {
		t.Errorf("%s: %v", states, err)
	}
	full = false
	var fractions []float64
	if states, err = start().run(context.Background(), func(ev BatchEvent) {
		if ev.Step == nil {
			fractions = append(fractions, ev.Fraction)
		}
	}); states != "ssppp" || err != nil {
		t.Errorf("%s: %v", states, err)
	}
	if len(fractions) != 5 || fractions[1] != 0 || fractions[4] != 1 {
		t.Errorf("told %v", fractions)
	}
	if states, err = start().run(context.Background(), func(BatchEvent) {}); states != "sssss" || err != nil {
		t.Errorf("%s: %v", states, err)
	}
}

func TestBatchIsInterrupted(t *testing.T) {
	e, f := batchOf(t, 3)
	b, err := e.Batch(context.Background(), Painting{Style: "cubism"}, []string{"in"}, "out")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.trouble = func(n int) error {
		if n == 2 {
			for { // the first one is written meanwhile
				if _, err := os.Stat("out/0.png"); err == nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
			cancel()
		}
		return nil
	}
	if states, err := b.run(ctx, func(BatchEvent) {}); states != "pfw" || ClassOf(err) != Interrupted {
		t.Errorf("%s: %v", states, err)
	}
	if left, _ := os.ReadDir("out"); len(left) != 1 {
		t.Errorf("%v", left)
	}
}

// A crash is told of the picture that it befell, and the others are painted.
func TestBatchCrashes(t *testing.T) {
	e, _ := batchOf(t, 4)
	b, err := e.Batch(context.Background(), Painting{Style: "cubism"}, []string{"in"}, "out")
	if err != nil {
		t.Fatal(err)
	}
	paint := b.paint
	b.paint = func(photo *plan.Step, out string) *plan.Step {
		if filepath.Base(out) == "1.png" {
			panic("no plan")
		}
		return paint(photo, out)
	}
	var crash *Crash
	states, err := b.run(context.Background(), func(BatchEvent) {})
	if states != "pfpp" || ClassOf(err) != Internal || !errors.As(err, &crash) || crash.Value != "no plan" || len(crash.Stack) == 0 {
		t.Errorf("%s: %v", states, err)
	}
}

// A network whose loading crashes does so when it is loaded ahead, too.
func TestWarmingCrashes(t *testing.T) {
	e, _ := batchOf(t, 1)
	loads := make(chan bool, 9)
	e.loaders.painter = func(string, ...string) (painter, error) {
		loads <- true
		panic("no network")
	}
	b, err := e.Batch(context.Background(), Painting{Style: "cubism"}, []string{"in/0.png"}, "out.png")
	if err != nil {
		t.Fatal(err)
	}
	states, err := b.run(context.Background(), func(BatchEvent) {})
	if states != "f" || ClassOf(err) != Internal {
		t.Errorf("%s: %v", states, err)
	}
	for range 2 { // ahead, and when it was wanted
		select {
		case <-loads:
		case <-time.After(20 * time.Second):
			t.Fatal("it was not loaded ahead")
		}
	}
}

// A style that is unknown, or a plugin that crashes, is one error and no list.
func TestBatchFailsAtOnce(t *testing.T) {
	e, _ := batchOf(t, 3)
	if err := os.WriteFile("in/0.png", []byte("?"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, class := range map[string]Class{"cubsm": Missing, "crasher": Plugin, "torn": Missing} {
		if _, err := e.Batch(context.Background(), Painting{Style: name}, []string{"in"}, "out"); ClassOf(err) != class {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOutputs(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("dir", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		paths, args []string
		many        bool
		out, style  string
		want        string
	}{
		"one":            {[]string{"x/a.jpg"}, []string{"x/a.jpg"}, false, "", "cubism", "a-cubism.png"},
		"mixture":        {[]string{"a.jpg"}, []string{"a.jpg"}, false, "", "a:0.5+b:1", "a-a0.5-b1.png"},
		"into a folder":  {[]string{"a.jpg"}, []string{"a.jpg"}, false, "dir", "s", "dir/a-s.png"},
		"new folder":     {[]string{"a.jpg"}, []string{"a.jpg"}, false, "new/", "s", "new/a-s.png"},
		"a file":         {[]string{"a.jpg"}, []string{"a.jpg"}, false, "b.jpg", "s", "b.jpg"},
		"of a folder":    {[]string{"dir/a.jpg"}, []string{"dir"}, true, "", "s", "dir-s/a.png"},
		"several":        {[]string{"a.jpg", "b.png"}, []string{"a.jpg", "b.png"}, true, "", "s", "painted-s/a.png painted-s/b.png"},
		"of one name":    {[]string{"a.jpg", "a.png", "b.png"}, []string{"x", "y", "z"}, true, "o", "s", "o/a-jpg.png o/a-png.png o/b.png"},
		"template":       {[]string{"a.jpg", "b.jpg"}, []string{"x", "y"}, true, "o/{n}{name}.jpg", "s", "o/1a.jpg o/2b.jpg"},
		"file of many":   {[]string{"a.jpg", "b.jpg"}, []string{"x", "y"}, true, "o.jpg", "s", "!several pictures need a folder"},
		"same names":     {[]string{"a.jpg", "b.jpg"}, []string{"x", "y"}, true, "{style}.jpg", "s", "!would both become"},
		"unknown part":   {[]string{"a.jpg"}, []string{"a.jpg"}, false, "{date}.jpg", "s", "!{date} is unknown"},
		"unclosed":       {[]string{"a.jpg"}, []string{"a.jpg"}, false, "{name.jpg", "s", "!is unknown"},
		"itself":         {[]string{"a.jpg"}, []string{"a.jpg"}, false, "./a.jpg", "s", "!would overwrite"},
		"another":        {[]string{"a.png", "b.png"}, []string{"a.png", "b.png"}, true, ".", "s", "!would overwrite"},
		"no such ending": {[]string{"a.jpg"}, []string{"a.jpg"}, false, "a.xyz", "s", "!a.xyz"},
	} {
		got, err := outputs(c.paths, c.many, c.args, filepath.FromSlash(c.out), c.style)
		if want, bad := strings.CutPrefix(c.want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), want) || ClassOf(err) != Usage {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
			continue
		}
		if diff := cmp.Diff(filepath.FromSlash(c.want), strings.Join(got, " ")); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}
