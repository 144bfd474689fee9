// Package words puts numbers and names into English, one way for all that the
// program prints: counts and shares, lists, and what a mistaken word may have
// meant. It knows nothing of what it words.
package words

import "strings"

// And lists words: "a, b and c", or "none".
func And(list []string) string { return join(list, " and ") }

// Or lists alternatives: "a, b or c", or "none".
func Or(list []string) string { return join(list, " or ") }

func join(list []string, last string) string {
	switch len(list) {
	case 0:
		return "none"
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + last + list[len(list)-1]
}
