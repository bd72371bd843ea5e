// Package wire is what both ends of a plugin connection share: the handshake,
// the limits, who a plugin is, and the translation between our types and the
// messages of core/plugin/proto. Hosts use core/plugin, plugins core/plugin/sdk.
package wire

import (
	"context"
	"errors"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Version is the version of the protocol. It grows when an old plugin could
// misunderstand a new host or the other way round; then the plugin is rebuilt.
const Version = 1

// ServiceName is the name under which go-plugin serves the one set of
// services that a plugin has.
const ServiceName = "atelier"

// Limits of a message and of a batch, kept on both sides. The host splits a
// larger batch; an answer may hold many reasons, so a message may be larger.
const (
	MaxMessage    = 16 << 20 // bytes of one message
	MaxBatch      = 256      // texts of one call
	MaxBatchBytes = 1 << 20  // bytes of all texts of one call
)

// Names of environment variables of a plugin process.
const (
	// EnvData lists the folders that hold models/ and styles/, separated as in PATH.
	EnvData = "ATELIER_PLUGIN_DATA"
	// EnvHost is the process id of the host: when the parent is another
	// process, the host is gone.
	EnvHost = "ATELIER_PLUGIN_HOST"
)

// Handshake keeps an executable that is not a plugin of ours from being
// talked to. It is no security measure: AutoMTLS and the lock file are.
var Handshake = goplugin.HandshakeConfig{
	ProtocolVersion:  Version,
	MagicCookieKey:   "ATELIER_PLUGIN",
	MagicCookieValue: "3f6b1d0c-atelier-engine",
}

// Service is go-plugin's view of a plugin: Register puts the services on a
// plugin's server; on the host's side the connection itself is handed out.
type Service struct {
	goplugin.NetRPCUnsupportedPlugin
	Register func(*grpc.Server)
}

// GRPCServer implements goplugin.GRPCPlugin in the plugin.
func (s *Service) GRPCServer(_ *goplugin.GRPCBroker, server *grpc.Server) error {
	if s.Register == nil {
		return errors.New("plugin: there is no service to serve: use sdk.ServeAnalyzer or sdk.ServeStyle")
	}
	s.Register(server)
	return nil
}

// GRPCClient implements goplugin.GRPCPlugin in the host: it returns conn.
func (s *Service) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// Set is the set of services as go-plugin wants it.
func Set(s *Service) map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{Version: {ServiceName: s}}
}
