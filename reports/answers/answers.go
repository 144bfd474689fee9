// Package answers writes what a simulated cluster would have said: to whoever asks again and again, the answers of
// each ipamd and of EC2, one a line, with their times.
package answers

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"ipamsim/sim/scrape"
)

// Write writes the answers of one variant as lines of JSON.
func Write(w io.Writer, s *scrape.Scrapes) error {
	out := bufio.NewWriter(w)
	for _, a := range s.Answers {
		out.WriteString(`{"time":"` + a.At.UTC().Format(time.RFC3339Nano) + `",`)
		if a.Node == "" {
			out.WriteString(`"NetworkInterfaces":`)
		} else {
			node, err := json.Marshal(a.Node)
			if err != nil {
				return err
			}
			out.WriteString(`"node":` + string(node) + `,"enis":`)
		}
		out.Write(a.Text)
		if _, err := out.WriteString("}\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}
