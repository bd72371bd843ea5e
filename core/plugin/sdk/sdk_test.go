package sdk

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/plugin/wire"
)

type closeBuffer struct{ bytes.Buffer }

func (*closeBuffer) Close() error { return nil }

// Only the handshake line reaches the real output, whatever stands around it.
func TestRelay(t *testing.T) {
	line := "1|1|unix|/tmp/atelier-1/plugin-dir2/plugin3|grpc|MIIB+/a\n"
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct{ in, rest string }{
		{line, ""},
		{"hello\n" + line + "more\n", "hello\nmore\n"},
		{"no newline " + line, "no newline \n"},
		{"1|1|unix|x|netrpc|\n" + line, "1|1|unix|x|netrpc|\n"},
		{long + "\n" + line + line, long + "\n" + line},
	} {
		var real closeBuffer
		var rest bytes.Buffer
		relay(strings.NewReader(c.in), &real, &rest)
		if real.String() != line || rest.String() != c.rest {
			t.Errorf("%.60q: handshake %.60q, rest %.60q", c.in, real.String(), rest.String())
		}
	}
	var real closeBuffer
	relay(strings.NewReader("nothing of it"), &real, io.Discard)
	if real.Len() != 0 {
		t.Errorf("a line that is none: %q", real.String())
	}
}

func TestData(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	t.Setenv(wire.EnvData, a+string(os.PathListSeparator)+b)
	if err := os.MkdirAll(filepath.Join(b, "models", "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Data("models", "m"); err != nil || got != filepath.Join(b, "models", "m") {
		t.Errorf("Data = %q, %v", got, err)
	}
	if err := os.MkdirAll(filepath.Join(b, "own"), 0o755); err != nil { // b is a folder of models under another name
		t.Fatal(err)
	}
	if got, err := Data("models", "own"); err != nil || got != filepath.Join(b, "own") {
		t.Errorf("Data = %q, %v", got, err)
	}
	if _, err := Data("models", "none"); err == nil || !strings.Contains(err.Error(), a) {
		t.Errorf("absent: %v", err)
	}
	if _, err := EnglishAnalyzer("").Analyze(context.Background(), []string{"x"}); err == nil || !strings.Contains(err.Error(), "sentiment-english") {
		t.Errorf("without its model: %v", err)
	}
}

func TestBatchLimit(t *testing.T) {
	s := &analyzerServer{analyzer: AnalyzerFunc(func(_ context.Context, texts []string) ([]Reading, error) {
		return make([]Reading, len(texts)), nil
	})}
	for _, c := range []struct {
		texts [][]byte
		ok    bool
	}{
		{nil, true},
		{make([][]byte, wire.MaxBatch), true},
		{make([][]byte, wire.MaxBatch+1), false},
		{[][]byte{make([]byte, wire.MaxBatchBytes)}, true},
		{[][]byte{make([]byte, wire.MaxBatchBytes), {1}}, false},
	} {
		r, err := s.Analyze(context.Background(), &proto.AnalyzeRequest{Texts: c.texts})
		if (err == nil) != c.ok || c.ok && len(r.GetReadings()) != len(c.texts) {
			t.Errorf("%d texts: %v", len(c.texts), err)
		}
	}
}

func TestScale(t *testing.T) {
	steps := []Step{{Kernel: "dots", Params: map[string]float64{"amount": 0.5}}, {Kernel: "outline"}, {Kernel: "dots"}}
	for _, c := range []struct {
		kernel, param string
		factor        float64
		want          [3]float64
	}{
		{"dots", "amount", 0.5, [3]float64{0.25, 0, 0.5}},
		{"dots", "amount", 9, [3]float64{1, 0, 1}},
		{"outline", "amount", 0.5, [3]float64{0.5, 0.5, 0}},
		{"dots", "nothing", 2, [3]float64{0.5, 0, 0}},
		{"nothing", "amount", 2, [3]float64{0.5, 0, 0}},
	} {
		for i, s := range Scale(steps, c.kernel, c.param, c.factor) {
			if got := s.Params["amount"]; got != c.want[i] {
				t.Errorf("%s.%s times %g: step %d has %g: want %g", c.kernel, c.param, c.factor, i, got, c.want[i])
			}
		}
	}
	if steps[0].Params["amount"] != 0.5 || steps[1].Params != nil {
		t.Error("the steps given were changed")
	}
}
