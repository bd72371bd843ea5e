// Package facestest makes small data sets of faces for tests.
package facestest

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Write makes a data set of n pictures whose brightness depends on the
// emotion.
func Write(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "images"), 0o755)
	var csv strings.Builder
	csv.WriteString("file,age,gender,p_neutral,p_happy\n")
	for i := range n {
		name := fmt.Sprintf("%03d.jpg", i)
		m := image.NewRGBA(image.Rect(0, 0, 100, 100))
		for k := range m.Pix {
			m.Pix[k] = uint8(60 + 120*(i%2) + k%50)
		}
		m.Set(0, 0, color.Black)
		f, err := os.Create(filepath.Join(dir, "images", name))
		if err != nil {
			t.Fatal(err)
		}
		jpeg.Encode(f, m, nil)
		f.Close()
		fmt.Fprintf(&csv, "%s,%d,%s,%d,%d\n", name, 20+i, []string{"male", "female"}[i%2], 1-i%2, i%2)
	}
	os.WriteFile(filepath.Join(dir, "labels.csv"), []byte(csv.String()), 0o644)
	return dir
}
