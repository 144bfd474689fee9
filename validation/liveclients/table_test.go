package clients

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "write docs/serve-conformance.md anew")

// page is where the table is.
const page = "../../docs/serve-conformance.md"

// shown is what each client has shown of each action. It is filled by the tests
// of this package, each line only after its check has passed.
var shown = struct {
	sync.Mutex
	rows  map[string]map[client][]string
	tries []string
}{rows: map[string]map[client][]string{}}

type client int

const (
	sdk client = iota
	cli
)

// show enters that a client has shown something of an action.
func show(by client, action string, what ...string) {
	shown.Lock()
	defer shown.Unlock()
	if shown.rows[action] == nil {
		shown.rows[action] = map[client][]string{}
	}
	for _, w := range what {
		if !slices.Contains(shown.rows[action][by], w) {
			shown.rows[action][by] = append(shown.rows[action][by], w)
		}
	}
}

// tried enters a line about retries.
func tried(line string) {
	shown.Lock()
	defer shown.Unlock()
	shown.tries = append(shown.tries, line)
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if only := flag.Lookup("test.run").Value.String(); code == 0 && only == "" {
		code = compare()
	}
	os.Exit(code)
}

// compare holds the page to what was shown, or writes it.
func compare() int {
	if _, err := exec.LookPath(awsCLI); err != nil {
		fmt.Println("the AWS CLI is not there: the page is not compared")
		return 0
	}
	text := table()
	if *update {
		if err := os.WriteFile(page, text, 0o644); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	have, err := os.ReadFile(page)
	switch {
	case os.IsNotExist(err):
		fmt.Printf("there is no %s yet: go test . -update writes it\n", page)
	case err != nil || !bytes.Equal(have, text):
		fmt.Printf("%s is not what was shown (%v); go test . -update writes it\n", page, err)
		return 1
	}
	return 0
}

// table is the page.
func table() []byte {
	var b bytes.Buffer
	b.WriteString(`# Clients of the served account, action by action

What clients that nobody here wrote have made of [the account as a server](serve.md): the EC2 client of aws-sdk-go-v2 (service/ec2 v1.347.0), in virtual time together
with the server, and the AWS CLI 2 (Debian's awscli) against a port. Each entry is a check of ` + "`validation/liveclients`" + ` that has passed; ` + "`make clients`" + ` runs them, and fails when this
page says anything else. "answer" is that the client parsed what was asked for and its fields are the account's.

| action | aws-sdk-go-v2 | AWS CLI |
|---|---|---|
`)
	for _, action := range slices.Sorted(maps.Keys(shown.rows)) {
		row := shown.rows[action]
		fmt.Fprintf(&b, "| %s | %s | %s |\n", action, entries(row[sdk]), entries(row[cli]))
	}
	b.WriteString("\n## Retries under throttling\n\n| client | what was done | what came of it |\n|---|---|---|\n")
	slices.Sort(shown.tries)
	for _, line := range shown.tries {
		fmt.Fprintln(&b, line)
	}
	return b.Bytes()
}

func entries(list []string) string {
	list = slices.SortedFunc(slices.Values(list), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	return strings.Join(list, ", ")
}

// rank puts what succeeds before errors.
func rank(what string) int {
	switch {
	case what == "answer":
		return 0
	case strings.HasPrefix(what, "`"):
		return 2
	}
	return 1
}
