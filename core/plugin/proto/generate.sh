#!/bin/sh
# Compiles plugin.proto. Needs protoc (Debian: protobuf-compiler); the two Go
# generators are built here, in the versions of go.mod and of the line below.
set -eu
cd "$(dirname "$0")"
grpc=v1.6.2
if ! command -v protoc >/dev/null 2>&1; then
	echo "proto: protoc is not installed: install it (apt-get install protobuf-compiler) or leave the committed files as they are" >&2
	exit 1
fi
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go build -o "$bin/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
GOBIN="$bin" GOFLAGS= go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$grpc"
PATH="$bin:$PATH" protoc --go_out=. --go_opt=paths=source_relative \
	--go-grpc_out=. --go-grpc_opt=paths=source_relative plugin.proto
# protoc's own version differs from machine to machine and changes nothing.
sed -i.old -e '/^\/\/ .*protoc  *v[0-9]/d' plugin.pb.go plugin_grpc.pb.go
rm -f plugin.pb.go.old plugin_grpc.pb.go.old
gofmt -w plugin.pb.go plugin_grpc.pb.go
