package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ipamsim/serving"
)

// A server answers clients, and when it is interrupted its log holds what it
// answered, line by line.
func TestAServerAnswersUntilItIsInterrupted(t *testing.T) {
	log := filepath.Join(t.TempDir(), "requests.jsonl")
	ctx, interrupt := context.WithCancel(context.Background())
	out, in := io.Pipe()
	exit := make(chan int)
	go func() {
		a := &app{stdin: strings.NewReader(""), stdout: in, stderr: io.Discard}
		exit <- a.execute(ctx, []string{"serve", "hello", "--listen", "127.0.0.1:0", "--speed", "50", "--out", "log=" + log})
	}()
	said := bufio.NewReader(out)
	first, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, said)
	at := regexp.MustCompile(`http://\S+`).FindString(first)
	for _, action := range []string{"DescribeSubnets", "DescribeNothing"} {
		form := url.Values{"Action": {action}, "Version": {"2016-11-15"}, "X-Amz-Credential": {"someone/20260101/us-west-2/ec2/aws4_request"}}
		answer, err := http.PostForm(at, form)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if good := bytes.Contains(body, []byte("<subnetId>subnet-")); good != (action == "DescribeSubnets") || answer.StatusCode == 200 != good {
			t.Errorf("%s: %d\n%s", action, answer.StatusCode, body)
		}
	}
	interrupt()
	if code := <-exit; code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for line := range bytes.Lines(text) {
		var l serving.Line
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if l.Caller != "someone" || l.Duration < 0 {
			t.Errorf("the log says %+v", l)
		}
		codes = append(codes, l.Action+l.Code)
	}
	if got := strings.Join(codes, " "); got != "DescribeSubnets DescribeNothingInvalidAction" {
		t.Errorf("the log holds %s", got)
	}
}
