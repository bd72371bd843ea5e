package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/engine"
	"github.com/atelier-engine/atelier/core/style"
)

// studio makes a working folder with the shipped network, two styles that are
// folders, and some pictures, good and bad.
func studio(t *testing.T) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	must(t, err)
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "home", "styles"), 0o755))
	for _, part := range []string{"models", "styles/impressionism"} {
		if err := os.Symlink(filepath.Join(root, part), filepath.Join(dir, "home", part)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	t.Setenv(engine.EnvHome, filepath.Join(dir, "home"))
	t.Chdir(dir)
	must(t, os.MkdirAll(filepath.Join("home", "styles", "ink"), 0o755))
	write(t, "home/styles/ink/style.toml", "name = \"ink\"\n[[pre]]\nkernel = \"saturate\"\nparams = { colour = 0 }\n")
	must(t, os.Mkdir("photos", 0o755))
	photo := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	deep := image.NewNRGBA64(photo.Rect)
	for y := range 30 {
		for x := range 40 {
			photo.Set(x, y, color.NRGBA{uint8(6 * x), uint8(8 * y), uint8(x * y), 255})
			deep.Set(x, y, color.NRGBA64{uint16(1600 * x), uint16(2000 * y), 4321, 65535})
		}
	}
	encode(t, "photos/a.png", photo)
	encode(t, "photos/deep.png", deep)
	encode(t, "photos/dot.png", photo.SubImage(image.Rect(3, 3, 4, 4)))
	grey := image.NewGray(photo.Rect)
	copy(grey.Pix, photo.Pix)
	encode(t, "photos/grey.png", grey)
	whole, err := os.ReadFile("photos/a.png")
	must(t, err)
	write(t, "photos/torn.png", string(whole[:len(whole)-30]))
	write(t, "photos/notes.jpg", "not a picture")
	write(t, "photos/readme.txt", "left alone")
	write(t, "photos/vast.png", vast(50000, 40000))
	f, err := os.Create("photos/moving.gif")
	must(t, err)
	frame := image.NewPaletted(photo.Rect, color.Palette{color.Black, color.White, color.RGBA{255, 0, 0, 255}})
	must(t, gif.EncodeAll(f, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}))
	must(t, f.Close())
}

// vast is a PNG that claims to be w by h pixels.
func vast(w, h uint32) string {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
	return string(append(b, "\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e\x00\x00\x00\x00IEND\xae\x42\x60\x82"...))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(filepath.FromSlash(path), []byte(text), 0o644))
}

func encode(t *testing.T, path string, m image.Image) {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, m))
	write(t, path, b.String())
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// A folder with bad pictures: the good ones are painted, the bad ones named, and
// a second call does what is left only.
func TestBatch(t *testing.T) {
	studio(t)
	code, out, errs := try(t, "stylize", "photos", "--style", "impressionism")
	if code != 3 || names(t, "photos-impressionism") != "a.png deep.png dot.png grey.png moving.png" {
		t.Errorf("exit code %d, %s\n%s", code, names(t, "photos-impressionism"), errs)
	}
	for _, want := range []string{
		"atelier: not painted: photos/notes.jpg: open photos/notes.jpg: not a picture we can read",
		"atelier: not painted: photos/torn.png: open photos/torn.png:",
		"atelier: not painted: photos/vast.png: open photos/vast.png: it has 50000x40000 pixels",
		"atelier: stylize: 3 of 8 pictures are not painted:",
	} {
		if !strings.Contains(filepath.ToSlash(errs), want) {
			t.Errorf("%q is not in\n%s", want, errs)
		}
	}
	if strings.Count(out, "\n") != 5 {
		t.Errorf("%s", out)
	}
	if b, _ := os.ReadFile("photos-impressionism/deep.png"); b[24] != 16 {
		t.Errorf("16 bits became %d", b[24])
	}
	before, err := os.Stat("photos-impressionism/a.png")
	must(t, err)
	for _, bad := range []string{"torn.png", "vast.png"} {
		must(t, os.Remove(filepath.Join("photos", bad)))
	}
	must(t, os.Rename("photos/notes.jpg", "photos/notes.txt"))
	must(t, os.Remove("photos-impressionism/grey.png"))
	encode(t, "photos/dot.png", image.NewGray(image.Rect(0, 0, 2, 2)))
	code, _, errs = try(t, "stylize", "photos", "--style", "impressionism")
	if code != 0 || !strings.Contains(errs, "3 of 5 were painted before") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if after, _ := os.Stat("photos-impressionism/a.png"); !after.ModTime().Equal(before.ModTime()) {
		t.Error("it was painted again")
	}
	if code, _, errs = try(t, "stylize", "photos", "--style", "impressionism", "--stroke", "2", "-q"); code != 0 || errs != "" {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if after, _ := os.Stat("photos-impressionism/a.png"); after.ModTime().Equal(before.ModTime()) {
		t.Error("another stroke is the same painting")
	}
	code, out, errs = try(t, "stylize", "photos/*.png", "photos/moving.gif", "--style", "ink", "-o", "out/{n}-{name}.jpg")
	if code != 0 || names(t, "out") != "1-a.jpg 2-deep.jpg 3-dot.jpg 4-grey.jpg 5-moving.jpg" || !strings.Contains(errs, "a JPEG holds 8 bits") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

// What is in the way and is none of ours stays.
func TestBatchOverwritesNothing(t *testing.T) {
	studio(t)
	must(t, os.Mkdir("made", 0o755))
	write(t, "made/a.png", "my notes")
	code, _, errs := try(t, "stylize", "photos/a.png", "photos/grey.png", "-s", "ink", "-o", "made")
	if text, _ := os.ReadFile("made/a.png"); code != 5 || string(text) != "my notes" || !strings.Contains(errs, "is no painting of ours") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if names(t, "made") != "a.png grey.png" {
		t.Error(names(t, "made"))
	}
	if code, _, errs = try(t, "stylize", "photos", "-s", "ink", "-o", "photos"); code != 2 || !strings.Contains(errs, "would overwrite the picture") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestControls(t *testing.T) {
	studio(t)
	if code, _, errs := try(t, "stylize", "photos/a.png", "-s", "impressionism", "-i", "0", "-o", "same.png"); code != 0 {
		t.Fatal(errs)
	}
	if d := difference(decode(t, "photos/a.png"), decode(t, "same.png")); d != 0 {
		t.Errorf("intensity 0 changes the picture by %g", d)
	}
	code, _, errs := try(t, "stylize", "photos/a.png", "-s", "impressionism:1+ink:1", "--mask", "photos/grey.png", "--keep-colors", "--size", "24x24", "--background", "#fff", "-o", "b.png")
	if b := decode(t, "b.png").Bounds(); code != 0 || b.Dx() != 24 || b.Dy() != 24 {
		t.Errorf("exit code %d, %v: %s", code, b, errs)
	}
	code, out, errs := try(t, "style", "sheet", "photos/a.png", "--side", "32")
	if code != 0 || out != "a-sheet.png\n" || decode(t, "a-sheet.png").Bounds().Dx() < 64 {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	code, out, _ = try(t, "style", "list", "--json")
	if code != 0 || !strings.Contains(out, `"name": "ink"`) || !strings.Contains(out, `"state": "ok"`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	if code, out, _ = try(t, "style", "show", "impressionism"); code != 0 || !strings.Contains(out, "learnt from") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if code, _, errs = try(t, "stylize", "photos/vast.png", "-s", "ink"); code != 3 || !strings.Contains(errs, "50000x40000") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

// Broken packages are refused before anything is painted.
func TestBrokenStyles(t *testing.T) {
	studio(t)
	make := func(name, text string, vector []float32) {
		dir := filepath.Join("home", "styles", name)
		must(t, os.MkdirAll(dir, 0o755))
		write(t, "home/styles/"+name+"/style.toml", "name = \""+name+"\"\nnetwork = \"style\"\n"+text)
		if vector != nil {
			must(t, style.WriteVector(dir, vector, ""))
		}
	}
	make("novector", "", nil)
	make("short", "", []float32{1, 2, 3})
	make("hash", "hash = \""+strings.Repeat("0", 64)+"\"\n", []float32{1, 2, 3})
	make("other", "network = \"mine\"\n", nil)
	make("kernel", "[[pre]]\nkernel = \"satrate\"\n", []float32{1})
	for name, want := range map[string]string{
		"novector": `style vector "novector": no folder of that name holds a vector.safetensors`,
		"short":    "style vector", "hash": "the style is damaged or was changed by half", "other": "style.toml", "kernel": "satrate",
	} {
		code, _, errs := try(t, "stylize", "photos/a.png", "-s", name, "-o", "out.png")
		if code != 4 || !strings.Contains(errs, want) {
			t.Errorf("%s: exit code %d: %s", name, code, errs)
		}
	}
	if _, err := os.Stat("out.png"); err == nil {
		t.Error("a file is left")
	}
}
