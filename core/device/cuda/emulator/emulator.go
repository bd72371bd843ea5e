// Package emulator runs the CUDA kernels on the CPU, for tests: it compiles their sources with a C++ compiler
// against ../emulate/emulate.h and talks to the program that comes out. See ../emulate/emulate.h for what is emulated and how.
package emulator

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// ErrAbsent is returned by Start where the kernels cannot be compiled for the CPU.
var ErrAbsent = errors.New("the CUDA kernels are not tested")

// Schedule is an order in which the threads of a block run, and the time at which asynchronous copies land.
type Schedule int

const (
	Rising    Schedule = iota // copies as late as the program allows
	Falling                   // copies at once
	Shuffled                  // copies as late as the program allows
	Schedules                 // their number
)

// Emulator is a GPU on the CPU. It serves one goroutine.
type Emulator struct {
	program string
	process *exec.Cmd
	in      *bufio.Writer
	out     *bufio.Reader
	next    uint64
}

// Launch is a launch of a kernel; arguments are as they lie in 8 bytes.
type Launch struct {
	Kernel      string
	Grid, Block [3]int
	Shared      int
	Args        []uint64
}

// Restart ends the process and starts another, with no memory taken.
func (e *Emulator) Restart() error {
	e.stop()
	e.process = exec.Command(e.program)
	e.process.Stderr = os.Stderr
	in, err := e.process.StdinPipe()
	if err != nil {
		return err
	}
	out, err := e.process.StdoutPipe()
	if err != nil {
		return err
	}
	e.in, e.out, e.next = bufio.NewWriterSize(in, 1<<16), bufio.NewReaderSize(out, 1<<16), 0
	return e.process.Start()
}

func (e *Emulator) stop() {
	if e.process != nil {
		e.process.Process.Kill()
		e.process.Wait()
	}
}

// Close ends the emulator.
func (e *Emulator) Close() { e.stop() }

func (e *Emulator) send(v ...uint64) {
	for _, v := range v {
		e.in.Write(binary.LittleEndian.AppendUint64(nil, v))
	}
}

func (e *Emulator) receive() (uint64, error) {
	var b [8]byte
	if err := e.in.Flush(); err != nil {
		return 0, err
	}
	_, err := io.ReadFull(e.out, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}

// Alloc takes memory, filled with NaN, and returns its address. Pages that cannot be touched follow its end,
// rounded up to 16 bytes.
func (e *Emulator) Alloc(bytes int) uint64 {
	e.send('B', uint64(bytes))
	e.next++
	return e.next << 40
}

// Free gives memory back.
func (e *Emulator) Free(p uint64) { e.send('X', p) }

// FreeAll gives all memory back; addresses begin anew.
func (e *Emulator) FreeAll() {
	e.send('F')
	e.next = 0
}

// Write copies data to the device.
func (e *Emulator) Write(p uint64, data []byte) {
	e.send('W', p, uint64(len(data)))
	e.in.Write(data)
}

// Read copies data from the device.
func (e *Emulator) Read(p uint64, data []byte) error {
	e.send('R', p, uint64(len(data)))
	if err := e.in.Flush(); err != nil {
		return err
	}
	_, err := io.ReadFull(e.out, data)
	return err
}

// Launch runs a kernel to its end. Errors say what it did wrong: touched memory outside of its buffers, waited for
// threads that never come. After one the emulator starts anew, without memory.
func (e *Emulator) Launch(l Launch, s Schedule) error {
	e.send('L', uint64(len(l.Kernel)))
	e.in.WriteString(l.Kernel)
	for i := range 3 {
		e.send(uint64(l.Grid[i]))
	}
	for i := range 3 {
		e.send(uint64(l.Block[i]))
	}
	e.send(uint64(l.Shared), uint64(s), uint64(len(l.Args)))
	e.send(l.Args...)
	text, err := e.text()
	if err != nil {
		return fmt.Errorf("%s: the emulator ended: %w", l.Kernel, err)
	}
	if text != "" {
		e.Restart()
		return errors.New(text)
	}
	return nil
}

func (e *Emulator) text() (string, error) {
	n, err := e.receive()
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(e.out, b)
	return string(b), err
}

// Kernels returns the kinds of parameters that the C++ compiler saw, by kernel: 0 pointer, 1 int, 3 float.
func (e *Emulator) Kernels() (map[string][]byte, error) {
	e.send('K')
	n, err := e.receive()
	if err != nil {
		return nil, err
	}
	kinds := map[string][]byte{}
	for range n {
		name, err := e.text()
		if err != nil {
			return nil, err
		}
		k, err := e.text()
		if err != nil {
			return nil, err
		}
		kinds[name] = []byte(k)
	}
	return kinds, nil
}
