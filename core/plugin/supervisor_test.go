//go:build unix

package plugin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/plugin/wire"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
)

var bg = context.Background()

func TestAnalyze(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good")
	if len(l.slots) != 0 || l.sockets != "" {
		t.Error("something started before it was needed")
	}
	for _, n := range []int{0, 1, 64, 300, 700} {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = strings.Repeat("é", i%50) + "\xff"
		}
		got, err := l.Analyzer("good").Analyze(bg, texts)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]sentiment.Reading, n)
		for i, text := range texts {
			want[i] = sentiment.Reading{Text: text, Analyzer: "good", Language: "en", Confidence: 1, Age: sentiment.DefaultAge,
				Reasons: []sentiment.Reason{{End: len(text), Word: strings.ToValidUTF8(text, "\uFFFD"), For: "happy", Weight: 1}}}
			want[i].Emotions[len(text)%7] = 1
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d texts (-want +got):\n%s", n, d)
		}
	}
	// Large texts are split too, and one that is too large is refused.
	large := []string{strings.Repeat("a", 1<<20), strings.Repeat("b", 1<<20), "c"}
	if got, err := l.Analyzer("good").Analyze(bg, large); err != nil || len(got) != 3 {
		t.Errorf("large texts: %d readings, %v", len(got), err)
	}
	_, err := l.Analyzer("good").Analyze(bg, []string{"a", strings.Repeat("a", 1<<20+1)})
	if !errors.Is(err, ErrRequest) || !strings.Contains(err.Error(), "text 2") {
		t.Errorf("too large a text: %v", err)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "style-good")
	ask := func(o map[string]float64) (*style.Plan, error) {
		return l.Plan(bg, "style-good", Request{Width: 640, Height: 480, Intensity: 0.5, Options: o})
	}
	got, err := ask(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &style.Plan{Style: "style-good", Network: "style", VectorName: "cubism",
		Post: []style.Step{{Kernel: "posterise", Params: map[string]float64{"levels": 4}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("plan (-want +got):\n%s", d)
	}
	if got, err = ask(map[string]float64{"levels": 6}); err != nil || got.Post[0].Params["levels"] != 6 {
		t.Errorf("option: %v, %v", got, err)
	}
	for o, say := range map[string]string{"levles": `did you mean "levels"`, "hue": "use one of levels"} {
		if _, err = ask(map[string]float64{o: 1}); !errors.Is(err, ErrRequest) || !strings.Contains(err.Error(), say) {
			t.Errorf("option %s: %v", o, err)
		}
	}
	if _, err = ask(map[string]float64{"levels": 9}); !errors.Is(err, ErrRequest) || !strings.Contains(err.Error(), "2 to 8") {
		t.Errorf("option out of range: %v", err)
	}
	for _, r := range []Request{{Height: -1}, {Width: 1, Height: 1, Intensity: 2}, {Width: -1, Height: 1}} {
		if _, err := l.Plan(bg, "style-good", r); !errors.Is(err, ErrRequest) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	info, err := l.Describe(bg, "style-good")
	if err != nil || info.Version != "1.2.3" || info.Kind != "style" || len(info.Options) != 1 {
		t.Errorf("Describe: %+v, %v", info, err)
	}
}

// Every way in which a plugin can be bad, and what is said about it. All
// errors name the plugin.
func TestErrors(t *testing.T) {
	t.Parallel()
	short := Config{Start: 2 * time.Second, Describe: 2 * time.Second, Call: time.Second}
	for _, c := range []struct {
		name string
		cfg  Config
		is   error
		say  string
	}{
		{"hang-start", short, ErrBroken, "no handshake within 2s"},
		{"silent", short, ErrBroken, "no handshake within 2s"},
		{"crash-start", Config{}, ErrBroken, `panic: no model`},
		{"exit-start", Config{}, ErrBroken, "ended (exit status 0) before it was ready"},
		{"stranger", Config{}, ErrBroken, "is it an Atelier plugin"},
		{"old-version", Config{}, ErrBroken, "rebuild it"},
		{"bad-info", Config{}, ErrBroken, `kind is "virus"`},
		{"hang-describe", short, ErrBroken, "did not describe itself within 2s"},
		{"renamed", Config{}, ErrBroken, `calls itself "original"`},
		{"liar", Config{}, ErrAnswer, "rebuild it"},
		{"few", Config{}, ErrAnswer, "0 readings of 1 texts"},
		{"hang-call", short, ErrQuarantined, "no answer within 1s"},
		{"crash-call", Config{}, ErrQuarantined, "panic: in a goroutine"},
		{"panic-call", Config{}, nil, "panic: odd text"},
		{"error-call", Config{}, nil, "text 1: it is empty"},
		{"nothing", Config{}, ErrRequest, "text 1: sentiment: the text is empty"},
		{"nan", Config{}, ErrAnswer, "text 1: reading: weight NaN"},
		{"out-of-text", Config{}, ErrAnswer, "spans bytes"},
		{"vast", Config{}, ErrAnswer, "larger than max"},
		{"style-bad-plan", Config{}, ErrAnswer, "is not a name"},
		{"style-nan", Config{}, ErrAnswer, "levels is +Inf"},
		{"style-other", Config{}, ErrAnswer, `its plan is for style "somebody-else"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, c.cfg, c.name)
			var err error
			if strings.HasPrefix(c.name, "style-") {
				_, err = l.Plan(bg, c.name, Request{Width: 1, Height: 1})
			} else {
				_, err = l.Analyzer(c.name).Analyze(bg, []string{"one"})
			}
			t.Log(err)
			e := (*Error)(nil)
			if !errors.As(err, &e) || e.Name != c.name || e.Path != filepath.Join(l.folder, c.name) {
				t.Fatalf("%v: it does not name the plugin", err)
			}
			if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.say) {
				t.Errorf("%v: want %v and %q", err, c.is, c.say)
			}
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%q is not one line", err)
			}
			// A plugin that does not start is quarantined at the second try.
			if errors.Is(err, ErrBroken) {
				if _, err := l.Describe(bg, c.name); !errors.Is(err, ErrQuarantined) && !errors.Is(err, ErrBroken) {
					t.Errorf("second use: %v", err)
				}
				if _, err := l.Describe(bg, c.name); !errors.Is(err, ErrQuarantined) {
					t.Errorf("third use: %v", err)
				}
			}
		})
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{Folders: []string{"/nonexistent"}}, "impressionism", "cubism")
	file := filepath.Join(l.folder, "plain")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(l.folder, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(l.folder, "garbage")
	if err := os.WriteFile(script, []byte("\x7fELF of another world"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		is  error
		say []string
	}{
		"impresionism": {ErrNotFound, []string{`did you mean "impressionism"`, l.folder, "/nonexistent"}},
		"baroque":      {ErrNotFound, []string{"use one of: cubism, garbage, impressionism"}},
		"../evil":      {ErrNotFound, []string{"is not a name"}},
		"":             {ErrNotFound, []string{"is not a name"}},
		"plain":        {ErrRefused, []string{"chmod +x " + file}},
		"folder":       {ErrRefused, []string{"not a file"}},
		"garbage":      {ErrBroken, []string{"the system cannot start it"}},
	} {
		_, err := l.Describe(bg, name)
		if !errors.Is(err, want.is) {
			t.Errorf("%s: %v: want %v", name, err, want.is)
			continue
		}
		for _, say := range want.say {
			if !strings.Contains(err.Error(), say) {
				t.Errorf("%s: %v: does not say %q", name, err, say)
			}
		}
	}
	if _, err := New(Config{}).Describe(bg, "cubism"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no folder: %v", err)
	}
	if got := l.List(); len(got) != 3 || got[0].Name != "cubism" {
		t.Errorf("List: %v", got)
	}
}

func TestWrongKind(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good", "style-good")
	if _, err := l.Plan(bg, "good", Request{Width: 1, Height: 1}); !errors.Is(err, ErrKind) {
		t.Errorf("an analyzer as a style: %v", err)
	}
	if _, err := l.Analyzer("style-good").Analyze(bg, []string{"x"}); !errors.Is(err, ErrKind) {
		t.Errorf("a style as an analyzer: %v", err)
	}
}

// A plugin that fails once is started once more, and nobody notices.
func TestRestart(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"crash-once", "hang-once"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, Config{Call: 5 * time.Second}, name)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if _, err := l.Analyzer(name).Analyze(bg, []string{"one", "two"}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := l.slots[name].failures; n != 1 {
				t.Errorf("%d failures were counted: want 1", n)
			}
		})
	}
}

// A plugin that is killed while it idles is started again once, then not.
func TestKilled(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good")
	for i := range 3 {
		p, err := l.acquire(bg, "good")
		if i == 2 {
			if !errors.Is(err, ErrQuarantined) || !strings.Contains(err.Error(), "killed") {
				t.Errorf("killed twice: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		pid, _ := strconv.Atoi(p.child.ID())
		syscall.Kill(pid, syscall.SIGKILL)
		<-p.child.done
	}
}

func TestConcurrent(t *testing.T) {
	t.Parallel()
	names := []string{"good", "good2", "style-good"}
	l := newLab(t, Config{}, names...)
	var wg sync.WaitGroup
	for i := range 48 {
		wg.Go(func() {
			var err error
			switch name := names[i%3]; name {
			case "style-good":
				_, err = l.Plan(bg, name, Request{Width: i + 1, Height: 1})
			default:
				var rs []sentiment.Reading
				rs, err = l.Analyzer(name).Analyze(bg, slices.Repeat([]string{"text"}, 64))
				if err == nil && len(rs) != 64 {
					err = fmt.Errorf("%d readings", len(rs))
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	l.note()
	if len(l.pids) != 3 {
		t.Errorf("%d processes for 3 plugins", len(l.pids))
	}
}

// What a plugin prints must not disturb the handshake, and goes to the log.
func TestPrints(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "chatty", "log")
	for _, name := range []string{"chatty", "log"} {
		if _, err := l.Analyzer(name).Analyze(bg, []string{"x"}); err != nil {
			t.Fatal(err)
		}
	}
	l.note()
	l.Close()
	for _, want := range []string{
		"no newline here", "past os.Stdout", "msg=chatter plugin=chatty",
		"level=WARN msg=careful plugin=log answer=42",
	} {
		if !strings.Contains(l.log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("SECRET_TOKEN", "hush")
	t.Setenv("ATELIER_ALLOWED", "yes")
	l := newLab(t, Config{Env: []string{"ATELIER_ALLOWED"}}, "environment")
	rs, err := l.Analyzer("environment").Analyze(bg, []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Join(rs[0].Notes, "\n")
	if strings.Contains(env, "hush") || !strings.Contains(env, "ATELIER_ALLOWED=yes") ||
		!strings.Contains(env, "ATELIER_PLUGIN_DATA="+l.cfg.Data[0]) {
		t.Errorf("environment:\n%s", env)
	}
}

// What a plugin started ends with it.
func TestGrandchild(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "exec")
	rs, err := l.Analyzer("exec").Analyze(bg, []string{"x"})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(rs[0].Notes[0])
	if err != nil {
		t.Fatal(err)
	}
	l.pids[pid] = true
}

func TestCancel(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{Close: 2 * time.Second}, "hang-call", "hang-start")
	for _, name := range []string{"hang-call", "hang-start"} {
		ctx, cancel := context.WithTimeout(bg, 500*time.Millisecond)
		if _, err := l.Analyzer(name).Analyze(ctx, []string{"x"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	if n := l.slots["hang-start"].failures; n != 0 {
		t.Errorf("giving up was counted as %d failures of the plugin", n)
	}
	// Close ends a call in flight and a start in flight.
	errs := make(chan error, 2)
	for _, name := range []string{"hang-call", "hang-start"} {
		go func() {
			_, err := l.Analyzer(name).Analyze(bg, []string{"x"})
			errs <- err
		}()
	}
	time.Sleep(50 * time.Millisecond)
	l.note()
	l.Close()
	for range 2 {
		if err := <-errs; !errors.Is(err, ErrClosed) {
			t.Errorf("closed in flight: %v", err)
		}
	}
	if _, err := l.Describe(bg, "hang-call"); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// When the host is killed, its plugins end, and the next host removes what
// it left.
func TestHostKilled(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), hostFolder+"="+l.folder)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	var sockets string
	if _, err := fmt.Fscan(out, &pid, &sockets); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	gone(t, pid)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(sockets, holderName), old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Describe(bg, "good"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(sockets); !os.IsNotExist(err) {
		t.Errorf("what a killed host left is still there: %v", err)
	}
}

// A plugin that is started by hand says what it is, and one whose host is
// gone ends by itself, on systems too where the kernel does not end it.
func TestAlone(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good")
	for _, c := range []struct {
		env  []string
		code int
		say  string
	}{
		{nil, 1, "good is an Atelier plugin (analyzer)"},
		{[]string{wire.Handshake.MagicCookieKey + "=" + wire.Handshake.MagicCookieValue, wire.EnvHost + "=1"}, 3, ""},
	} {
		cmd := exec.Command(filepath.Join(l.folder, "good"))
		cmd.Env = append(c.env, wire.EnvData+"=/", "PLUGIN_UNIX_SOCKET_DIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != c.code || !strings.Contains(string(out), c.say) {
			t.Errorf("%v: %v, %s: want exit code %d and %q", c.env, err, out, c.code, c.say)
		}
	}
}

// A plugin outlives the thread from which it was first asked for.
func TestThreadEnds(t *testing.T) {
	t.Parallel()
	l := newLab(t, Config{}, "good")
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		_, err := l.Describe(bg, "good")
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if _, err := l.Analyzer("good").Analyze(bg, []string{"x"}); err != nil {
		t.Fatal(err)
	}
	if n := l.slots["good"].failures; n != 0 {
		t.Errorf("the plugin died %d times", n)
	}
}

// What a start and a call cost.
func BenchmarkStart(b *testing.B) {
	l := newLab(b, Config{}, "good")
	for b.Loop() {
		s := New(l.cfg)
		if _, err := s.Analyzer("good").Analyze(bg, []string{"x"}); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

func BenchmarkPlan(b *testing.B) {
	l := newLab(b, Config{}, "style-good")
	for b.Loop() {
		if _, err := l.Plan(bg, "style-good", Request{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnalyze64(b *testing.B) {
	l := newLab(b, Config{}, "good")
	texts := slices.Repeat([]string{"a joyful old man who just met his grandchild"}, 64)
	for b.Loop() {
		if _, err := l.Analyzer("good").Analyze(bg, texts); err != nil {
			b.Fatal(err)
		}
	}
}
