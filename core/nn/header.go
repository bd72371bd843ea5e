package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strconv"
)

// entry is what a safetensors header says about one tensor.
type entry struct {
	name       string
	dtype      string
	shape      []int
	begin, end int64 // bytes from the start of the data
}

// count is the number of values; the header's check has shown that it fits.
func (e entry) count() int64 { return (e.end - e.begin) / dtypes[e.dtype] }

const metadataKey = "__metadata__"

// parseHeader reads a header and checks it against the number of bytes of data that follow it. The entries
// come back in the order of their data. Keys are read one by one, because maps hide those that are given
// twice.
func parseHeader(header []byte, dataLen int64) ([]entry, map[string]string, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, fmt.Errorf("the header is not a JSON object: this is no safetensors file")
	}
	dec := json.NewDecoder(bytes.NewReader(header))
	dec.UseNumber()
	var entries []entry
	var meta map[string]string
	err := object(dec, "the header", func(key string) error {
		if key == metadataKey {
			meta = map[string]string{}
			return object(dec, key, func(k string) error {
				v, err := text(dec, key+" "+strconv.Quote(k))
				meta[k] = v
				return err
			})
		}
		e, err := parseEntry(dec, key)
		if err == nil {
			err = e.check(dataLen)
		}
		if err != nil {
			return fmt.Errorf("tensor %q: %w", key, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, fmt.Errorf("the header goes on after its JSON object: the file is damaged")
	}
	return entries, meta, checkLayout(entries, dataLen)
}

// object reads a JSON object and calls f for each key, refusing those that come twice.
func object(dec *json.Decoder, what string, f func(key string) error) error {
	t, err := dec.Token()
	if err != nil || t != json.Delim('{') {
		return fmt.Errorf("%s is not a JSON object: the file is damaged", what)
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := text(dec, what)
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%s names %q twice: the file is damaged", what, key)
		}
		seen[key] = true
		if err := f(key); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("%s does not end: the file is damaged (%w)", what, err)
	}
	return nil
}

func text(dec *json.Decoder, what string) (string, error) {
	t, err := dec.Token()
	s, ok := t.(string)
	if err != nil || !ok {
		return "", fmt.Errorf("%s holds something that is not text: the file is damaged", what)
	}
	return s, nil
}

// numbers reads an array of at most most whole numbers, none negative.
func numbers(dec *json.Decoder, what string, most int) ([]int64, error) {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, fmt.Errorf("%s is not a list: the file is damaged", what)
	}
	v := []int64{}
	for dec.More() {
		t, err := dec.Token()
		num, ok := t.(json.Number)
		if err != nil || !ok {
			return nil, fmt.Errorf("%s holds something that is not a number: the file is damaged", what)
		}
		n, err := strconv.ParseInt(num.String(), 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%s holds %s: it must hold whole numbers from 0", what, num)
		}
		if len(v) == most {
			return nil, fmt.Errorf("%s holds more than %d numbers", what, most)
		}
		v = append(v, n)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%s does not end: the file is damaged", what)
	}
	return v, nil
}

func parseEntry(dec *json.Decoder, name string) (entry, error) {
	e := entry{name: name, begin: -1}
	err := object(dec, "the entry", func(key string) error {
		switch key {
		case "dtype":
			s, err := text(dec, key)
			e.dtype = s
			return err
		case "shape":
			v, err := numbers(dec, key, 16)
			e.shape = make([]int, len(v))
			for i, d := range v {
				e.shape[i] = int(d)
				if int64(e.shape[i]) != d {
					return fmt.Errorf("shape holds %d: too large for this machine", d)
				}
			}
			return err
		case "data_offsets":
			v, err := numbers(dec, key, 2)
			if err == nil && len(v) != 2 {
				err = fmt.Errorf("data_offsets holds %d numbers: it must hold 2", len(v))
			}
			if err == nil {
				e.begin, e.end = v[0], v[1]
			}
			return err
		}
		return fmt.Errorf("unknown field %q: the file is damaged or of a newer kind", key)
	})
	if err == nil && (e.dtype == "" || e.shape == nil || e.begin < 0) {
		err = fmt.Errorf("dtype, shape or data_offsets is missing: the file is damaged")
	}
	return e, err
}

// check compares type, shape and offsets with each other and with the length of the data.
func (e entry) check(dataLen int64) error {
	width, ok := dtypes[e.dtype]
	if !ok {
		return fmt.Errorf("values of type %s: only F32 and F16 can be read: convert the file", e.dtype)
	}
	if e.begin > e.end || e.end > dataLen {
		return fmt.Errorf("its data [%d,%d) lies outside of the %d bytes there are: the file is cut short or damaged", e.begin, e.end, dataLen)
	}
	size := width
	for _, d := range e.shape {
		if d == 0 {
			size = 0
			break
		}
	}
	for _, d := range e.shape {
		if size == 0 {
			break
		}
		if int64(d) > dataLen/size { // so the product stays below dataLen
			return fmt.Errorf("shape %v needs more than the %d bytes there are: the file is damaged", e.shape, dataLen)
		}
		size *= int64(d)
	}
	if size != e.end-e.begin {
		return fmt.Errorf("shape %v of %s needs %d bytes but has %d: the file is damaged", e.shape, e.dtype, size, e.end-e.begin)
	}
	return nil
}

// checkLayout sorts the entries by their data and refuses overlaps, gaps and bytes that no tensor owns.
func checkLayout(entries []entry, dataLen int64) error {
	sort.Slice(entries, func(i, j int) bool {
		a, b := entries[i], entries[j]
		if a.begin != b.begin {
			return a.begin < b.begin
		}
		if a.end != b.end {
			return a.end < b.end
		}
		return a.name < b.name
	})
	var at int64
	for _, e := range entries {
		switch {
		case e.begin < at:
			return fmt.Errorf("tensor %q overlaps the one before it: the file is damaged", e.name)
		case e.begin > at:
			return fmt.Errorf("%d bytes before tensor %q belong to no tensor: the file is damaged", e.begin-at, e.name)
		}
		at = e.end
	}
	if at != dataLen {
		return fmt.Errorf("%d bytes after the last tensor: the file is damaged", dataLen-at)
	}
	return nil
}
