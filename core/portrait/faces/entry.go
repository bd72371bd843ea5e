package faces

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/atelier-engine/atelier/core/portrait"
)

// entry is what a pack says of one face beside its pixels. In the journal of a
// pack that is being made an entry can also be a picture that was refused.
type entry struct {
	cond      portrait.Condition
	sum       uint64 // of the pixels
	sharpness float32
	split     Split
	file      string
	points    [][2]float64 // nil, or 68 in pixels of the packed face
	refused   *Refused
}

// entryFixed is the part of an entry that has always the same length. After it
// come the name, or the JSON of a Refused, and the landmarks as float32.
type entryFixed struct {
	Condition [2 + portrait.EmotionDims]float64
	Sum       uint64
	Sharpness float32
	Split     uint8
	Landmarks uint8 // 68 or 0
	Length    uint16
}

const (
	splitRefused = 255
	maxName      = 4096 // bytes of a file name
)

var entrySize = binary.Size(entryFixed{})

// pixelSum is a checksum that also tells whether two faces are the same.
func pixelSum(pix []byte) uint64 {
	sum := sha256.Sum256(pix)
	return binary.LittleEndian.Uint64(sum[:])
}

// write appends the entry to b.
func (e *entry) write(b *bytes.Buffer) error {
	f := entryFixed{Sum: e.sum, Sharpness: e.sharpness, Split: uint8(e.split), Landmarks: uint8(len(e.points)), Length: uint16(len(e.file))}
	name := []byte(e.file)
	if e.refused != nil {
		var err error
		if name, err = json.Marshal(e.refused); err != nil || len(name) > math.MaxUint16 {
			return fmt.Errorf("pack faces: a reason of %d bytes: shorten the names of the pictures", len(name))
		}
		f.Split, f.Length = splitRefused, uint16(len(name))
	}
	f.Condition[0], f.Condition[1] = e.cond.Age, e.cond.Gender
	copy(f.Condition[2:], e.cond.Emotions[:])
	binary.Write(b, binary.LittleEndian, f)
	b.Write(name)
	for _, q := range e.points {
		binary.Write(b, binary.LittleEndian, [2]float32{float32(q[0]), float32(q[1])})
	}
	return nil
}

// readEntry reads an entry. It gives io.EOF where none begins.
func readEntry(r io.Reader, buf []byte) (e entry, size int, err error) {
	b := buf[:entrySize]
	if _, err := io.ReadFull(r, b); err != nil {
		return e, 0, err
	}
	e.cond.Age, e.cond.Gender = float(b), float(b[8:])
	for i := range e.cond.Emotions {
		e.cond.Emotions[i] = float(b[16+8*i:])
	}
	b = b[8*(2+portrait.EmotionDims):]
	e.sum = binary.LittleEndian.Uint64(b)
	e.sharpness = math.Float32frombits(binary.LittleEndian.Uint32(b[8:]))
	split, landmarks, length := b[12], b[13], int(binary.LittleEndian.Uint16(b[14:]))
	size = entrySize + length + 8*int(landmarks)
	b = buf[:length]
	if _, err := io.ReadFull(r, b); err != nil {
		return e, 0, io.ErrUnexpectedEOF
	}
	if split == splitRefused {
		e.refused = new(Refused)
		if err := json.Unmarshal(b, e.refused); err != nil || landmarks != 0 {
			return e, 0, errors.New("an entry is damaged")
		}
		return e, size, nil
	}
	e.split, e.file = Split(split), string(b)
	if err := e.cond.Check(); err != nil || e.split > unsplit || !(e.sharpness >= 0 && e.sharpness < 1e6) || landmarks != 0 && landmarks != 68 {
		return e, 0, errors.New("an entry is damaged")
	}
	if landmarks == 0 {
		return e, size, nil
	}
	b = buf[:8*68]
	if _, err := io.ReadFull(r, b); err != nil {
		return e, 0, io.ErrUnexpectedEOF
	}
	e.points = make([][2]float64, 68)
	for k := range 2 * 68 {
		v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:])))
		if !(math.Abs(v) < 1e9) {
			return e, 0, errors.New("an entry is damaged")
		}
		e.points[k/2][k%2] = v
	}
	return e, size, nil
}

// entryBuffer is what readEntry needs.
func entryBuffer() []byte { return make([]byte, math.MaxUint16) }

func float(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
