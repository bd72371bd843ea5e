package plugin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
)

const (
	maxLogLine = 8 << 10 // bytes; what is longer is cut into several lines
	maxQuote   = 200     // bytes of a plugin's words in an error
)

// logWriter makes records of the host's log from the lines that a plugin
// prints. A line of JSON with "@level" and "@message" (the SDK's slog, or
// hclog) keeps its level and values; any other line is for debugging, and an
// error from the moment the Go runtime says that it panics.
type logWriter struct {
	log *slog.Logger

	mu      sync.Mutex
	partial []byte
	panics  bool
	last    string // the line that says most about an end
}

func newLogWriter(log *slog.Logger) *logWriter { return &logWriter{log: log} }

// Write implements io.Writer. It never fails.
func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte{'\n'})
		if room := maxLogLine - len(w.partial); len(line) > room {
			line, rest, ended = line[:room], p[room:], true
		}
		w.partial = append(w.partial, line...)
		p = rest
		if ended {
			w.emit()
		}
	}
	return n, nil
}

// flush ends a line that was left open.
func (w *logWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.emit()
}

func (w *logWriter) emit() {
	line := strings.TrimRight(strings.ToValidUTF8(string(w.partial), "\uFFFD"), "\r\n\t ")
	w.partial = w.partial[:0]
	if line == "" {
		return
	}
	if level, msg, args, ok := parseRecord(line); ok {
		w.remember(msg)
		w.log.Log(context.Background(), level, msg, args...)
		return
	}
	w.remember(line)
	if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
		w.panics = true
	}
	if w.panics {
		w.log.Error(line)
		return
	}
	w.log.Debug(line)
}

func (w *logWriter) remember(line string) {
	if !w.panics { // after it come only stacks
		w.last = line
	}
}

// quote returns the last words of the plugin for the end of an error.
func (w *logWriter) quote() string {
	w.flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == "" {
		return ""
	}
	said := w.last
	if len(said) > maxQuote {
		said = strings.ToValidUTF8(said[:maxQuote], "") + "..."
	}
	return fmt.Sprintf(" (it said: %q)", said)
}

func parseRecord(line string) (level slog.Level, msg string, args []any, ok bool) {
	if !strings.HasPrefix(line, "{") {
		return
	}
	var raw map[string]any
	if json.Unmarshal([]byte(line), &raw) != nil {
		return
	}
	msg, ok = raw["@message"].(string)
	name, ok2 := raw["@level"].(string)
	if !ok || !ok2 {
		return 0, "", nil, false
	}
	if strings.EqualFold(name, "trace") || level.UnmarshalText([]byte(name)) != nil {
		level = slog.LevelDebug
	}
	for _, k := range slices.Sorted(maps.Keys(raw)) {
		if !strings.HasPrefix(k, "@") {
			args = append(args, k, raw[k])
		}
	}
	return level, msg, args, true
}
