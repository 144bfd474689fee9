// Package stories tells docs/stories: pages that stop a run at moments, ask
// it, and explain the answers. A test gives the answers again; with -update it
// writes them into the pages.
package stories

import "strings"

// A page is Markdown. Its first block of YAML is a scenario. Blocks of kind
// "story" hold commands, each behind "> ", and below each what it answers.
type page struct {
	scenario string
	parts    []part
}

// part is prose and what else is left as it is, or a command.
type part struct {
	text    string // as it is in the page, with its line ends
	command string // empty for prose
	answer  string // below it, without the empty lines around
}

func parsePage(text string) *page {
	p := &page{}
	block := "" // the kind of block that we are in
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, " \n")
		command, asks := strings.CutPrefix(bare, "> ")
		switch last := len(p.parts) - 1; {
		case strings.HasPrefix(bare, "```"):
			switch {
			case block != "":
				block = ""
			case bare == "```yaml" && p.scenario == "":
				block = "scenario"
			default:
				block = "block " + bare[3:]
			}
			p.prose(line)
		case block == "scenario":
			p.scenario += line
			p.prose(line)
		case block == "block story" && asks:
			p.parts = append(p.parts, part{command: command})
		case block == "block story" && last >= 0 && p.parts[last].command != "":
			p.parts[last].answer += line
		default:
			p.prose(line)
		}
	}
	for i := range p.parts {
		p.parts[i].answer = strings.Trim(p.parts[i].answer, "\n")
	}
	return p
}

func (p *page) prose(line string) {
	if last := len(p.parts) - 1; last >= 0 && p.parts[last].command == "" {
		p.parts[last].text += line
		return
	}
	p.parts = append(p.parts, part{text: line})
}

// String is the page's text. An empty line stands between an answer and the
// next command.
func (p *page) String() string {
	var b strings.Builder
	for i, each := range p.parts {
		if each.command == "" {
			b.WriteString(each.text)
			continue
		}
		if i > 0 && p.parts[i-1].command != "" {
			b.WriteString("\n")
		}
		b.WriteString("> " + each.command + "\n")
		if each.answer != "" {
			b.WriteString(each.answer + "\n")
		}
	}
	return b.String()
}
