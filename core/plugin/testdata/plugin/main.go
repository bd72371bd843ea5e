//go:build unix

// Command plugin is many plugins for tests: what it does depends on the name
// under which it is started.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/plugin/sdk"
	"github.com/atelier-engine/atelier/core/plugin/wire"
)

var name = filepath.Base(os.Args[0])

func init() {
	if name == "chatty" { // before main, in every way there is
		fmt.Println("1|1|unix|/nowhere|netrpc|")
		fmt.Print("no newline here: ")
		syscall.Write(1, []byte("past os.Stdout\n"))
	}
}

func main() {
	switch name {
	case "hang-start":
		stop()
	case "silent":
		time.Sleep(time.Hour)
	case "crash-start":
		panic("no model")
	case "exit-start":
		return
	case "stranger":
		serve(goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "OTHER", MagicCookieValue: "x"}, wire.Version, nil)
	case "old-version":
		serve(wire.Handshake, 99, func(*grpc.Server) {})
	case "bad-info":
		serve(wire.Handshake, wire.Version, func(s *grpc.Server) { proto.RegisterPluginServer(s, badInfo{}) })
	case "hang-describe":
		serve(wire.Handshake, wire.Version, func(s *grpc.Server) { proto.RegisterPluginServer(s, hangInfo{}) })
	case "liar": // says that it is an analyzer, and is none
		serve(wire.Handshake, wire.Version, func(s *grpc.Server) { proto.RegisterPluginServer(s, liar{}) })
	case "few":
		serve(wire.Handshake, wire.Version, func(s *grpc.Server) {
			proto.RegisterPluginServer(s, liar{})
			proto.RegisterAnalyzerServer(s, few{})
		})
	}
	info := sdk.Info{Name: name, Version: "1.2.3", Options: []sdk.Option{{Name: "levels", Min: 2, Max: 8, Default: 4}}}
	if name == "renamed" {
		info.Name = "original"
	}
	if strings.HasPrefix(name, "style-") {
		sdk.ServeStyle(info, sdk.PlannerFunc(plan))
		return
	}
	info.Options = nil
	if name == "chatty" {
		go func() {
			for {
				fmt.Println("chatter")
				time.Sleep(time.Millisecond)
			}
		}()
	}
	sdk.ServeAnalyzer(info, sdk.AnalyzerFunc(analyze))
}

func analyze(ctx context.Context, texts []string) ([]sdk.Reading, error) {
	var notes []string
	switch name {
	case "hang-call":
		stop()
	case "hang-once":
		if first() {
			stop()
		}
	case "crash-call":
		crash()
	case "crash-once":
		if first() {
			crash()
		}
	case "panic-call":
		panic("odd text")
	case "error-call":
		return nil, errors.New("text 1: it is empty")
	case "nothing":
		return nil, fmt.Errorf("text 1: %w", sdk.ErrEmpty)
	case "exec":
		// A child that outlives its parent and holds its pipes.
		c := exec.Command("sleep", "1000")
		c.Stdout, c.Stderr = os.Stdout, os.NewFile(2, "stderr")
		if err := c.Start(); err != nil {
			return nil, err
		}
		notes = append(notes, fmt.Sprint(c.Process.Pid))
	case "log":
		slog.Warn("careful", "answer", 42)
		fmt.Fprintln(os.Stderr, `{"@message": 7, "@level": []}`)
		fmt.Fprintln(os.Stderr, strings.Repeat("long ", 40_000))
	case "environment":
		notes = os.Environ()
	case "vast":
		notes = []string{strings.Repeat("x", wire.MaxMessage)}
	}
	rs := make([]sdk.Reading, len(texts))
	for i, t := range texts {
		rs[i] = sdk.Reading{Language: "en", Confidence: 1, Age: sdk.DefaultAge, Notes: notes}
		rs[i].Emotions[len(t)%7] = 1
		rs[i].Reasons = []sdk.Reason{{Start: 0, End: len(t), Word: t, For: "happy", Weight: 1}}
		switch name {
		case "nan":
			rs[i].Emotions[0] = math.NaN()
		case "out-of-text":
			rs[i].Reasons[0].End = len(t) + 1
		}
	}
	return rs, nil
}

func plan(ctx context.Context, r sdk.Request) (sdk.Plan, error) {
	p := sdk.Plan{Network: "style", VectorName: "cubism",
		Post: []sdk.Step{{Kernel: "posterise", Params: map[string]float64{"levels": r.Options["levels"]}}}}
	switch name {
	case "style-bad-plan":
		p.Network = "../../etc/passwd"
	case "style-nan":
		p.Post[0].Params["levels"] = math.Inf(1)
	case "style-other":
		p.Style = "somebody-else"
	}
	return p, nil
}

// stop stops the process; the thread that calls it may run on for a moment.
func stop() {
	syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	time.Sleep(time.Hour)
}

func crash() {
	go panic("in a goroutine")
	select {}
}

// first is true in the first process of this plugin.
func first() bool {
	_, err := os.OpenFile(filepath.Join(os.Getenv(wire.EnvData), name), os.O_CREATE|os.O_EXCL, 0o600)
	return err == nil
}

func serve(h goplugin.HandshakeConfig, version int, register func(*grpc.Server)) {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  h,
		VersionedPlugins: map[int]goplugin.PluginSet{version: {wire.ServiceName: &wire.Service{Register: register}}},
		GRPCServer:       goplugin.DefaultGRPCServer,
	})
	os.Exit(0)
}

type badInfo struct {
	proto.UnimplementedPluginServer
}

func (badInfo) Describe(context.Context, *proto.DescribeRequest) (*proto.Info, error) {
	return &proto.Info{Name: name, Kind: "virus"}, nil
}

type hangInfo struct {
	proto.UnimplementedPluginServer
}

func (hangInfo) Describe(context.Context, *proto.DescribeRequest) (*proto.Info, error) {
	stop()
	return nil, nil
}

type liar struct {
	proto.UnimplementedPluginServer
}

func (liar) Describe(context.Context, *proto.DescribeRequest) (*proto.Info, error) {
	return &proto.Info{Name: name, Kind: wire.KindAnalyzer}, nil
}

type few struct {
	proto.UnimplementedAnalyzerServer
}

func (few) Analyze(context.Context, *proto.AnalyzeRequest) (*proto.AnalyzeResponse, error) {
	return &proto.AnalyzeResponse{}, nil
}
