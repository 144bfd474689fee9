package ec2model

import (
	"strings"
	"testing"
)

// Rows that the profile does not read stand for rules in code: they must say
// what the code does.
func TestRulesInCodeAgreeWithTheirRows(t *testing.T) {
	card := attachment{device: 1, instance: &instance{kind: &kind{}}}
	additional := &eni{at: card}
	rules := map[string]int{
		"subnet.reserved.first": reservedFirst, "subnet.reserved.last": reservedLast,
		"subnet.largest": largestSubnet, "subnet.smallest": smallestSubnet, "prefix.length": prefixLength,
		"tags.perResource": mostTags, "describe.pageSize": mostPerPage,
		"nau.address": 1, "nau.prefix": 1, "nau.additionalInterface": additional.nau() - additional.slots(),
	}
	for name, want := range rules {
		if got := number(name); got != float64(want) {
			t.Errorf("%s is %v in the data and %d in the code", name, got, want)
		}
	}
	if blockSize != 1<<(32-prefixLength) {
		t.Error("a block is not a prefix")
	}
	read := []string{"latency.", "bucket.", "metadata.", "detach.", "shutdown.", "quota.", "allocation."}
	for _, row := range Constants() {
		_, known := rules[row.Name]
		for _, prefix := range read {
			known = known || strings.HasPrefix(row.Name, prefix)
		}
		if !known {
			t.Errorf("nobody reads %s", row.Name)
		}
	}
}

func TestFreeSetFindsTheNthElement(t *testing.T) {
	s := newFreeSet(65536)
	var elements []int
	for i := 0; i < 65536; i += 1 + i%97 {
		s.add(i)
		elements = append(elements, i)
	}
	for k, want := range elements {
		if got := s.nth(k); got != want {
			t.Fatalf("element %d is %d, want %d", k, got, want)
		}
	}
	for k := len(elements) - 1; k > 0; k -= 2 {
		s.remove(elements[k])
	}
	if s.length != (len(elements)+1)/2 || s.nth(s.length-1) != elements[(s.length-1)*2] && s.nth(1) != elements[2] {
		t.Errorf("%d elements are left of %d", s.length, len(elements))
	}
}
