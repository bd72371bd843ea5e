package sdk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/plugin/wire"
)

// ServeAnalyzer serves a until the host ends the plugin, and returns then.
// It exits with status 1 and a line on standard error if info is not valid
// or the program was not started by a host.
func ServeAnalyzer(info Info, a Analyzer) {
	info.Kind = wire.KindAnalyzer
	serve(info, a != nil, func(s *grpc.Server) { proto.RegisterAnalyzerServer(s, &analyzerServer{analyzer: a}) })
}

// ServeStyle serves p until the host ends the plugin, and returns then. It
// exits with status 1 and a line on standard error if info is not valid or
// the program was not started by a host.
func ServeStyle(info Info, p Planner) {
	info.Kind = wire.KindStyle
	serve(info, p != nil, func(s *grpc.Server) {
		proto.RegisterStyleServer(s, &styleServer{planner: p, name: info.Name})
	})
}

func serve(info Info, given bool, register func(*grpc.Server)) {
	if !underHost() {
		fail("%s is an Atelier plugin (%s): put it into a plugin folder and let atelier start it", info.Name, info.Kind)
	}
	if err := info.Validate(); err != nil {
		fail("plugin: its Info is not valid: %v", err)
	}
	if !given {
		fail("plugin %s: nothing to serve: give sdk.Serve an analyzer or a planner", info.Name)
	}
	go watchHost()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: wire.Handshake,
		VersionedPlugins: wire.Set(&wire.Service{Register: func(s *grpc.Server) {
			proto.RegisterPluginServer(s, &describeServer{info: info.Proto()})
			register(s)
		}}),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts,
				grpc.MaxRecvMsgSize(wire.MaxMessage), grpc.MaxSendMsgSize(wire.MaxMessage),
				grpc.UnaryInterceptor(recoverPanic))...)
		},
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// recoverPanic makes an error of a panic in a call.
func recoverPanic(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if r := recover(); r != nil {
			slog.Error("panic in the plugin", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			resp, err = nil, status.Errorf(codes.Internal, "panic: %v", r)
		}
	}()
	return next(ctx, req)
}

// answer makes an answer of an error of the plugin's code. Its code says
// whether the text was at fault; it is no other than these two, for by the
// others the host knows a crash.
func answer(err error) error {
	code := codes.Unknown
	if errors.Is(err, ErrEmpty) {
		code = codes.InvalidArgument
	}
	return status.Error(code, strings.ToValidUTF8(err.Error(), "\uFFFD"))
}

type describeServer struct {
	proto.UnimplementedPluginServer
	info *proto.Info
}

func (s *describeServer) Describe(context.Context, *proto.DescribeRequest) (*proto.Info, error) {
	return s.info, nil
}

type analyzerServer struct {
	proto.UnimplementedAnalyzerServer
	analyzer Analyzer
}

func (s *analyzerServer) Analyze(ctx context.Context, m *proto.AnalyzeRequest) (*proto.AnalyzeResponse, error) {
	texts := make([]string, len(m.GetTexts()))
	size := 0
	for i, t := range m.GetTexts() {
		texts[i] = string(t)
		size += len(t)
	}
	if len(texts) > wire.MaxBatch || size > wire.MaxBatchBytes {
		return nil, status.Errorf(codes.ResourceExhausted, "%d texts of %d bytes: at most %d of %d are taken",
			len(texts), size, wire.MaxBatch, wire.MaxBatchBytes)
	}
	readings, err := s.analyzer.Analyze(ctx, texts)
	if err != nil {
		return nil, answer(err)
	}
	if len(readings) != len(texts) {
		return nil, status.Errorf(codes.Internal, "%d readings of %d texts: return one for each", len(readings), len(texts))
	}
	resp := &proto.AnalyzeResponse{Readings: make([]*proto.Reading, len(readings))}
	for i := range readings {
		resp.Readings[i] = wire.ReadingProto(&readings[i])
	}
	return resp, nil
}

type styleServer struct {
	proto.UnimplementedStyleServer
	planner Planner
	name    string
}

func (s *styleServer) Plan(ctx context.Context, m *proto.PlanRequest) (*proto.PlanResponse, error) {
	plan, err := s.planner.Plan(ctx, wire.RequestFrom(m))
	if err != nil {
		return nil, answer(err)
	}
	if plan.Style == "" {
		plan.Style = s.name
	}
	return &proto.PlanResponse{Plan: wire.PlanProto(&plan)}, nil
}
