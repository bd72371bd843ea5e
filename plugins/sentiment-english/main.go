// Command sentiment-english is the plugin that reads English sentences: the
// feelings in them, the age and the gender of the person, and which words
// say so.
package main

import "github.com/atelier-engine/atelier/core/plugin/sdk"

func main() {
	sdk.ServeAnalyzer(sdk.Info{
		Name:        "sentiment-english",
		Version:     "1.0.0",
		Title:       "English",
		Description: "Reads seven emotions, age and gender from English text, and the words that decided.",
		Licence:     "Apache-2.0",
		Languages:   []string{"en"},
	}, sdk.EnglishAnalyzer(""))
}
