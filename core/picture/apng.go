package picture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
)

// An animated PNG is a PNG whose first frame any program shows (PNG
// specification, third edition, 4.9 and 11.3.4):
//
//	acTL  number of frames, number of plays (0: for ever), before the first IDAT
//	fcTL  one before each frame: sequence number, size and place, delay as a
//	      fraction of a second, what becomes of the frame, how it is drawn
//	fdAT  the data of a frame after the first: sequence number, then as in IDAT
//
// fcTL and fdAT share one count of sequence numbers, from 0.

// encodeAPNG writes a film as an animated PNG.
func encodeAPNG(ctx context.Context, out io.Writer, f *Film, tell func(float64)) error {
	w := bufio.NewWriterSize(out, 1<<16)
	size := f.bounds().Size()
	order := f.order()
	if _, err := io.WriteString(w, pngSignature); err != nil {
		return err
	}
	if err := pngChunk(w, "IHDR", pngHead(size.X, size.Y, 8, pngColour)); err != nil {
		return err
	}
	control := binary.BigEndian.AppendUint32(nil, uint32(len(order)))
	if err := pngChunk(w, "acTL", binary.BigEndian.AppendUint32(control, uint32(f.Loops))); err != nil {
		return err
	}
	if _, err := w.Write(pngText(f.Meta)); err != nil {
		return err
	}
	const parts = 1000
	delays := f.delays(len(order), parts)
	sequence := uint32(0)
	kept := map[int][]byte{} // frames to be shown again on the way back
	for shown, i := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		frame := binary.BigEndian.AppendUint32(nil, sequence)
		for _, v := range []int{size.X, size.Y, 0, 0} {
			frame = binary.BigEndian.AppendUint32(frame, uint32(v))
		}
		frame = binary.BigEndian.AppendUint16(frame, uint16(delays[shown]))
		frame = binary.BigEndian.AppendUint16(frame, parts)
		frame = append(frame, 0, 0) // it stays until the next one, which replaces it
		if err := pngChunk(w, "fcTL", frame); err != nil {
			return err
		}
		sequence++
		data, ok := kept[i]
		if !ok {
			var b bytes.Buffer
			err := pngPixels(ctx, f.Frames[i], 3, 8, false, func(d []byte) error {
				_, err := b.Write(d)
				return err
			})
			if err != nil {
				return err
			}
			if data = b.Bytes(); f.Bounce {
				kept[i] = data
			}
		}
		id, head := "IDAT", []byte(nil)
		if shown > 0 {
			id, head = "fdAT", binary.BigEndian.AppendUint32(nil, sequence)
			sequence++
		}
		if err := pngChunk(w, id, append(head, data...)); err != nil {
			return err
		}
		tell(float64(shown+1) / float64(len(order)))
	}
	if err := pngChunk(w, "IEND", nil); err != nil {
		return err
	}
	return w.Flush()
}
