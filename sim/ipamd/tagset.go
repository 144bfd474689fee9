package ipamd

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tagSet are tags of a resource, each key once. There are a few, so that looking
// through them is as quick as a map, of which every node would have its own.
type tagSet []types.Tag

// get is the value of a key.
func (s tagSet) get(key string) (value string, has bool) {
	for _, t := range s {
		if *t.Key == key {
			return *t.Value, true
		}
	}
	return "", false
}

// value is that of a key, empty where there is none.
func (s tagSet) value(key string) string {
	value, _ := s.get(key)
	return value
}

// with is the set with a tag, in place of one with the same key. It stays in the
// order of the keys, in which the real daemon sends tags.
func (s tagSet) with(key, value string) tagSet {
	at, known := slices.BinarySearchFunc(s, key, func(t types.Tag, key string) int { return strings.Compare(*t.Key, key) })
	text := &struct{ key, value string }{key, value}
	t := types.Tag{Key: &text.key, Value: &text.value}
	if known {
		s[at] = t
		return s
	}
	return slices.Insert(s, at, t)
}

// all is the set as the log shows it.
func (s tagSet) all() map[string]string {
	m := make(map[string]string, len(s))
	for _, t := range s {
		m[*t.Key] = *t.Value
	}
	return m
}
