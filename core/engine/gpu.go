//go:build gpu

package engine

import _ "github.com/atelier-engine/atelier/core/device/gpu" // registers "gpu"
