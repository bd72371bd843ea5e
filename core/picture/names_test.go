package picture

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPhotographs(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"c.TIFF", "a.jpg", "b.JPEG", "d.webp", "e.tif", "f.png", "notes.txt", "jpg", "film.gif", "raw.bmp", ".jpg"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "more.png"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := Photographs(dir)
	if want := []string{".jpg", "a.jpg", "b.JPEG", "c.TIFF", "d.webp", "e.tif", "f.png"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	none := filepath.Join(dir, "none")
	if _, err := Photographs(none); err == nil || !strings.Contains(err.Error(), none+" does not exist: name another") {
		t.Errorf("got error %v", err)
	}
	if _, err := Photographs(filepath.Join(dir, "a.jpg")); err == nil {
		t.Error("a file was listed")
	}
}
