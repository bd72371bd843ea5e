package sdk

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"os"
	"regexp"

	"github.com/atelier-engine/atelier/core/plugin/wire"
)

// The host reads one line from a plugin's standard output: the handshake.
// Anything printed before it, by a careless library or by main itself, would
// be taken for it. So the package's init, which runs before the code of the
// plugin, keeps the real output for itself and gives the program a pipe:
//
//	fmt.Println ── os.Stdout (pipe) ── relay ─┬─ the handshake line ── real output
//	write(1) ───── fd 1 ──────────────────────┴─ all else ──────────── standard error
//
// go-plugin prints the handshake to os.Stdout as everybody else, and from
// then on sends what is printed to the host over the connection.

func underHost() bool {
	return os.Getenv(wire.Handshake.MagicCookieKey) == wire.Handshake.MagicCookieValue
}

func init() {
	if !underHost() {
		return
	}
	slog.SetDefault(slog.New(logHandler(os.Stderr)))
	real, err := takeOutput()
	if err != nil {
		fail("plugin: its standard output cannot be taken over: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		fail("plugin: its standard output cannot be taken over: %v", err)
	}
	os.Stdout = w
	go relay(r, real, os.Stderr)
}

// handshake is the line that go-plugin prints: core version, our version,
// network, address, protocol, certificate.
var handshake = regexp.MustCompile(`1\|[0-9]+\|(unix|tcp)\|[^|\n]+\|grpc\|[A-Za-z0-9+/=]*(\|[a-z]+)?\n$`)

// relay copies the first handshake line of r to real, and all else to rest.
// A line that does not end may stand before the handshake.
func relay(r io.Reader, real io.WriteCloser, rest io.Writer) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		if at := handshake.FindIndex(line); at != nil {
			if at[0] > 0 {
				rest.Write(append(bytes.Clone(line[:at[0]]), '\n'))
			}
			real.Write(line[at[0]:])
			break
		}
		rest.Write(line)
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
	// The real output stays open: its end would look like the plugin's.
	io.Copy(rest, in)
}

// logHandler writes records in the form that the host reads levels from.
func logHandler(w io.Writer) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 {
			switch a.Key {
			case slog.TimeKey:
				return slog.Attr{}
			case slog.LevelKey:
				a.Key = "@level"
			case slog.MessageKey:
				a.Key = "@message"
			}
		}
		return a
	}})
}
