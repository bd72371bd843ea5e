package faces

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// packWriter makes a packed data set beside its place, in two files that can
// be gone on with: PACK.part is the pack without head and index, PACK.journal
// has an entry for each picture, refused ones too, in the order of the data
// set. finish puts the index together and moves the pack to its place.
type packWriter struct {
	path    string
	side    int
	info    packInfo
	pixels  *os.File
	journal *os.File
	out     *bufio.Writer // to journal

	done    int // pictures, of the first ones of the data set
	kept    int
	same    map[uint64]string // the files of the faces so far, by their pixels
	refused []Refused
	entry   bytes.Buffer
}

// journalEvery is how many pictures are lost at most when the machine stops.
const journalEvery = 512

func (w *packWriter) failed(err error) error {
	return fmt.Errorf("pack faces: %w: free some space, or choose another folder or disk", err)
}

// startPack begins a pack, or goes on with one of the same source.
func startPack(path string, side int, info packInfo) (w *packWriter, err error) {
	w = &packWriter{path: path, side: side, info: info, same: map[uint64]string{}}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return w, w.failed(err)
	}
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return w, fmt.Errorf("pack faces: %s is a folder: add the name of a file", path)
	}
	if w.journal, err = os.OpenFile(path+".journal", os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return w, w.failed(err)
	}
	if !lockFile(w.journal) {
		return w, fmt.Errorf("pack faces: another program is making %s: wait for it, or choose another file", path)
	}
	if w.pixels, err = os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return w, w.failed(err)
	}
	return w, w.resume()
}

// resume reads what is there already and cuts off what is not whole.
func (w *packWriter) resume() error {
	head, err := json.Marshal(struct {
		Pack string
		Side int
		Info packInfo
	}{packMagic, w.side, w.info})
	if err != nil {
		return err
	}
	head = append(head, '\n')
	face := int64(w.side * w.side * 3)
	st, err := w.pixels.Stat()
	if err != nil {
		return w.failed(err)
	}
	r := bufio.NewReader(w.journal)
	at := int64(0)
	if line, err := r.ReadSlice('\n'); err == nil && bytes.Equal(line, head) {
		at = int64(len(head))
		for buf := entryBuffer(); ; {
			e, size, err := readEntry(r, buf)
			if err != nil || e.refused == nil && packPage+face*int64(w.kept+1) > st.Size() {
				break
			}
			w.count(e)
			at += int64(size)
		}
	}
	w.out = bufio.NewWriterSize(w.journal, 1<<16)
	for _, f := range []struct {
		file *os.File
		at   int64
	}{{w.journal, at}, {w.pixels, packPage + face*int64(w.kept)}} {
		if err := f.file.Truncate(f.at); err != nil {
			return w.failed(err)
		}
		if _, err := f.file.Seek(f.at, io.SeekStart); err != nil {
			return w.failed(err)
		}
	}
	if at == 0 {
		if _, err := w.out.Write(head); err != nil {
			return w.failed(err)
		}
	}
	return nil
}

// count takes an entry into account.
func (w *packWriter) count(e entry) {
	w.done++
	if e.refused != nil {
		w.refused = append(w.refused, *e.refused)
		return
	}
	w.kept++
	w.same[e.sum] = e.file
}

// add appends the next picture: its side x side x 3 pixels and, where there
// are any, its 68 landmarks; or, with an error, that it is refused. So is a
// face that is there already, and one that shows nothing.
func (w *packWriter) add(r *record, pix []byte, landmarks [][2]float64, err error) error {
	var e entry
	if err == nil {
		e = entry{cond: r.cond, sum: pixelSum(pix), sharpness: float32(sharpness(pix, w.side)), split: r.split, file: r.file, points: landmarks}
		if other, twice := w.same[e.sum]; twice {
			err = refusef(reasonSame, "it is the same as %s", other)
		} else if e.sharpness == 0 {
			err = refusef(reasonBlank, "its face is of a single colour")
		}
	}
	if err != nil {
		refused := r.refuse(err)
		e = entry{refused: &refused}
	} else if w.kept == maxFaces {
		return fmt.Errorf("pack faces: there are more than %d: make several packs", maxFaces)
	} else if _, err := w.pixels.Write(pix); err != nil {
		return w.failed(err)
	}
	w.entry.Reset()
	if err := e.write(&w.entry); err != nil {
		return err
	}
	if _, err := w.out.Write(w.entry.Bytes()); err != nil {
		return w.failed(err)
	}
	w.count(e)
	if w.done%journalEvery == 0 {
		return w.flush()
	}
	return nil
}

// flush makes sure that what was added is not lost: the pixels first, so that
// an entry means that they are there.
func (w *packWriter) flush() error {
	if err := w.pixels.Sync(); err != nil {
		return w.failed(err)
	}
	if err := errors.Join(w.out.Flush(), w.journal.Sync()); err != nil {
		return w.failed(err)
	}
	return nil
}

// finish writes the index and the head, and moves the pack to its place.
func (w *packWriter) finish() error {
	if err := w.flush(); err != nil {
		return err
	}
	index, err := w.index()
	if err != nil {
		return err
	}
	head := bytes.NewBufferString(packMagic)
	at := packPage + int64(w.kept*w.side*w.side*3)
	binary.Write(head, binary.LittleEndian, packHead{
		Side: uint32(w.side), Faces: uint32(w.kept), Index: uint64(at), Length: uint64(len(index)), Sum: crc32.ChecksumIEEE(index),
	})
	if _, err := w.pixels.WriteAt(index, at); err != nil {
		return w.failed(err)
	}
	if err := w.pixels.Sync(); err != nil { // a head means that all else is there
		return w.failed(err)
	}
	if _, err := w.pixels.WriteAt(head.Bytes(), 0); err != nil {
		return w.failed(err)
	}
	if err := errors.Join(w.pixels.Sync(), w.pixels.Close()); err != nil {
		return w.failed(err)
	}
	if err := os.Rename(w.path+".part", w.path); err != nil {
		return w.failed(err)
	}
	w.journal.Close()
	os.Remove(w.path + ".journal")
	return nil
}

// index puts the index together from the journal.
func (w *packWriter) index() ([]byte, error) {
	object, err := json.Marshal(w.info)
	if err != nil {
		return nil, err
	}
	if _, err := w.journal.Seek(0, io.SeekStart); err != nil {
		return nil, w.failed(err)
	}
	r, buf := bufio.NewReaderSize(w.journal, 1<<16), entryBuffer()
	if _, err := r.ReadSlice('\n'); err != nil {
		return nil, w.failed(err)
	}
	all := make([]entry, 0, w.kept)
	splits := make([]Split, 0, w.kept)
	for range w.done {
		e, _, err := readEntry(r, buf)
		if err != nil {
			return nil, fmt.Errorf("pack faces: the journal %s.journal was changed: remove it and start again", w.path)
		}
		if e.refused == nil {
			all, splits = append(all, e), append(splits, e.split)
		}
	}
	assignSplits(splits)
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, uint32(len(object)))
	b.Write(object)
	for i := range all {
		all[i].split = splits[i]
		if err := all[i].write(&b); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// close ends the work on a pack that is not finished. What there is stays, to
// go on with; nothing stays where there is nothing yet.
func (w *packWriter) close() error {
	var err error
	if w.out != nil && w.done > 0 {
		err = w.flush()
	}
	for _, f := range []*os.File{w.pixels, w.journal} {
		if f == nil {
			continue
		}
		if w.done == 0 && w.out != nil {
			os.Remove(f.Name())
		}
		f.Close()
	}
	return err
}
