package plugin

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func FuzzLog(f *testing.F) {
	f.Add([]byte("{\"@level\":\"warn\",\"@message\":\"m\",\"k\":[1]}\nplain\npanic: x\nstack"), 7)
	f.Add([]byte("{\"@level\":3,\"@message\":null}\n\xff\xfe\r\n"), 1)
	f.Fuzz(func(t *testing.T, text []byte, piece int) {
		var out bytes.Buffer
		w := newLogWriter(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
		piece = max(1, piece%1000)
		for rest := text; len(rest) > 0; {
			n := min(piece, len(rest))
			if m, err := w.Write(rest[:n]); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		if q := w.quote(); strings.Contains(q, "\n") || len(q) > 5*maxQuote {
			t.Fatalf("quote %q", q)
		}
		if len(w.partial) > maxLogLine {
			t.Fatalf("%d bytes are kept", len(w.partial))
		}
	})
}
