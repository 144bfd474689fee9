package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Setting is a value of a scenario that two variants have not alike.
type Setting struct {
	Path string  `json:"path"` // as --set takes it
	Old  Literal `json:"old"`  // null where there is none
	New  Literal `json:"new"`
}

// Literal is a value of JSON of any kind, as it is written there.
type Literal []byte

// MarshalJSON implements json.Marshaler.
func (l Literal) MarshalJSON() ([]byte, error) { return l, nil }

// apart are the keys of a scenario that say nothing of the fleet and of what happens
// to it.
var apart = []string{"apiVersion", "kind", "metadata", "seed", "replications", "thresholds", "expect", "variants"}

// settings are the values that two scenarios have not alike, in the order of the
// paths that the old one has, and then the new one.
func settings(old, new json.RawMessage) ([]Setting, error) {
	before, err := flatten(old)
	if err != nil {
		return nil, err
	}
	after, err := flatten(new)
	if err != nil {
		return nil, err
	}
	list := []Setting{}
	for _, path := range merged(before.paths, after.paths) {
		if x, y := before.at(path), after.at(path); !bytes.Equal(x, y) {
			list = append(list, Setting{path, Literal(x), Literal(y)})
		}
	}
	return list, nil
}

// merged are the paths of two lists, each once; those that only the second has come
// behind the last one before them that both have.
func merged(a, b []string) (list []string) {
	place := map[string]int{}
	for i, path := range a {
		place[path] = i + 1
	}
	behind, at := make([][]string, len(a)+1), 0
	for _, path := range b {
		if i, both := place[path]; both {
			at = max(at, i)
		} else {
			behind[at] = append(behind[at], path)
		}
	}
	list = append(list, behind[0]...)
	for i, path := range a {
		list = append(append(list, path), behind[i+1]...)
	}
	return list
}

// flat is a document of JSON as its leaves by their paths.
type flat struct {
	paths  []string
	values map[string]json.RawMessage
}

func (f *flat) at(path string) json.RawMessage {
	if value, is := f.values[path]; is {
		return value
	}
	return json.RawMessage("null")
}

func flatten(text json.RawMessage) (*flat, error) {
	f := &flat{values: map[string]json.RawMessage{}}
	var plain bytes.Buffer
	if err := json.Compact(&plain, text); err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	if err := f.add("", plain.Bytes()); err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	return f, nil
}

// add adds a value without spaces and all below it. An item of a list has its name for a key where
// all have one.
func (f *flat) add(path string, text json.RawMessage) error {
	switch {
	case bytes.HasPrefix(text, []byte("{")) && !bytes.Equal(text, []byte("{}")):
		return members(text, func(key string, value json.RawMessage) error {
			if path == "" && slices.Contains(apart, key) {
				return nil
			}
			return f.add(strings.TrimPrefix(path+"."+key, "."), value)
		})
	case bytes.HasPrefix(text, []byte("[{")):
		var items []json.RawMessage
		if err := json.Unmarshal(text, &items); err != nil {
			return err
		}
		names := itemNames(items)
		for i, item := range items {
			if err := f.add(path+"."+names[i], item); err != nil {
				return err
			}
		}
		return nil
	}
	f.paths, f.values[path] = append(f.paths, path), text
	return nil
}

// members calls do with each member of an object, in their order.
func members(text json.RawMessage, do func(key string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		name, _ := key.(string)
		if err := do(name, value); err != nil {
			return err
		}
	}
	return nil
}

// itemNames are the names of a list's items where each has one of its own, and else
// their places.
func itemNames(items []json.RawMessage) []string {
	names, places, all := make([]string, len(items)), make([]string, len(items)), true
	for i, item := range items {
		var named struct {
			Name string `json:"name"`
		}
		places[i] = strconv.Itoa(i)
		all = all && json.Unmarshal(item, &named) == nil && named.Name != "" && !slices.Contains(names[:i], named.Name)
		names[i] = named.Name
	}
	if all {
		return names
	}
	return places
}
