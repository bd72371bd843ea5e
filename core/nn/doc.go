// Package nn reads, writes and runs trained networks: weights in safetensors files, model cards, and blocks of
// layers over the descriptions of package device.
package nn
