package ec2model

import (
	"math"
	"strings"
)

// IDs are made of counters, where EC2's are random: the kind of the resource
// and 17 hexadecimal digits. The account finds a resource by the number in its
// ID and needs no index over the texts.
const (
	interfaceKind  = "eni-"
	instanceKind   = "i-"
	attachmentKind = "eni-attach-"
	idDigits       = 17
)

func idOf(kind string, number int) string {
	var room [64]byte
	return string(appendID(room[:0], kind, number))
}

func appendID(text []byte, kind string, number int) []byte {
	text = append(text, kind...)
	for shift := 4 * (idDigits - 1); shift >= 0; shift -= 4 {
		text = append(text, hexDigits[uint64(number)>>shift&0xf])
	}
	return text
}

const hexDigits = "0123456789abcdef"

// labelOf is an interface's ID with its MAC behind it.
func labelOf(number holder) string {
	var room [64]byte
	label := append(appendID(room[:0], interfaceKind, int(number)), "02:00"...)
	for shift := 24; shift >= 0; shift -= 8 {
		b := byte(number >> shift)
		label = append(label, ':', hexDigits[b>>4], hexDigits[b&0xf])
	}
	return string(label)
}

// numberOf reads the number in an ID, in exactly the form of idOf.
func numberOf(kind, id string) (number int, ok bool) {
	digits, ok := strings.CutPrefix(id, kind)
	if !ok || len(digits) != idDigits {
		return 0, false
	}
	for i := range len(digits) {
		digit := int(digits[i])
		switch {
		case '0' <= digit && digit <= '9':
			digit -= '0'
		case 'a' <= digit && digit <= 'f':
			digit -= 'a' - 10
		default:
			return 0, false
		}
		if number > math.MaxInt32>>4 { // an int may have 32 bits
			return 0, false
		}
		number = number<<4 | digit
	}
	return number, true
}

// numbered is what a list has under the number in an ID, or the zero value.
func numbered[T any](list []T, kind, id string) (found T) {
	if number, ok := numberOf(kind, id); ok && number < len(list) {
		found = list[number]
	}
	return found
}

// eni finds an interface, or nil.
func (a *Account) eni(id string) *eni { return numbered(a.enis, interfaceKind, id) }

// instance finds a running instance, or nil.
func (a *Account) instance(id string) *instance {
	if i := numbered(a.instances, instanceKind, id); i != nil && !i.ending {
		return i
	}
	return nil
}

// attached finds the interface of an attachment, or nil.
func (a *Account) attached(id string) *eni {
	return a.enis[numbered(a.attachments, attachmentKind, id)] // that of nobody is nil
}
