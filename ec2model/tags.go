package ec2model

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tag is a tag of a resource.
type tag struct{ key, value string }

// CreateTags sets tags on interfaces, instances and subnets, on all of those
// named or on none.
func (a *Account) CreateTags(caller Caller, ids []string, tags []types.Tag, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, CreateTags, cost{}, createTags{ids, tags}, done)
}

type createTags struct {
	ids  []string
	tags []types.Tag
}

func (in createTags) check(a *Account) *Error {
	for _, id := range in.ids {
		old, err := a.tagsOf(id)
		if err == nil {
			err = checkTags(*old, in.tags)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (in createTags) apply(a *Account, _ Caller) (Nothing, *Error) {
	for _, id := range in.ids {
		a.setTags(id, in.tags)
	}
	return Nothing{}, nil
}

// DeleteTags takes tags from interfaces, instances and subnets: those with the
// keys and, where a tag has a value, only with that value. Without tags it takes
// all. What is not there is passed over.
func (a *Account) DeleteTags(caller Caller, ids []string, tags []types.Tag, done func(Nothing, error)) (answered time.Duration) {
	return request(a, caller, DeleteTags, cost{}, deleteTags{ids, tags}, done)
}

type deleteTags createTags

func (in deleteTags) check(a *Account) *Error {
	for _, id := range in.ids {
		if _, err := a.tagsOf(id); err != nil {
			return err
		}
	}
	return checkTags(nil, in.tags)
}

func (in deleteTags) apply(a *Account, _ Caller) (Nothing, *Error) {
	for _, id := range in.ids {
		list, _ := a.tagsOf(id)
		*list = slices.DeleteFunc(slices.Clone(*list), func(t tag) bool {
			return len(in.tags) == 0 || slices.ContainsFunc(in.tags, func(d types.Tag) bool { return *d.Key == t.key && (d.Value == nil || *d.Value == t.value) })
		})
		a.reshape(id)
	}
	return Nothing{}, nil
}

// tagsOf finds the tags of a resource.
func (a *Account) tagsOf(id string) (*[]tag, *Error) {
	switch kind, _, _ := strings.Cut(id, "-"); kind {
	case "eni":
		e, err := a.interfaceOf(id)
		if err != nil {
			return nil, err
		}
		return &e.tags, nil
	case "i":
		i, err := a.instanceOf(id)
		if err != nil {
			return nil, err
		}
		return &i.tags, nil
	case "subnet":
		s, err := a.subnetOf(id)
		if err != nil {
			return nil, err
		}
		return &s.tags, nil
	}
	return nil, reject(CodeInvalidID, "the ID '%s' is not valid", id)
}

func (a *Account) setTags(id string, tags []types.Tag) {
	list, _ := a.tagsOf(id)
	*list = mergeTags(*list, tags)
	a.reshape(id)
}

// reshape forgets how a resource was described.
func (a *Account) reshape(id string) {
	if e := a.eni(id); e != nil {
		e.shape = nil
	}
	if s := a.subnetByID[id]; s != nil {
		s.shape = nil
	}
}

// mostTags per resource; Constants has the source.
const mostTags = 50

func checkTags(old []tag, tags []types.Tag) *Error {
	for _, t := range tags {
		if t.Key == nil || *t.Key == "" {
			return reject(CodeInvalidParameterValue, "a tag has no key")
		}
	}
	if len(old)+len(tags) > mostTags && len(mergeTags(old, tags)) > mostTags {
		return reject(CodeTagLimitExceeded, "a resource can have %d tags", mostTags)
	}
	return nil
}

// tagsFrom are the tags of a new resource.
func tagsFrom(tags []types.Tag) []tag { return mergeTags(nil, tags) }

// mergeTags is old with every tag of changes set; it shares nothing with old.
func mergeTags(old []tag, changes []types.Tag) []tag {
	if len(old)+len(changes) == 0 {
		return nil
	}
	merged := append(make([]tag, 0, len(old)+len(changes)), old...)
	for _, change := range changes {
		value := ""
		if change.Value != nil {
			value = *change.Value
		}
		if i := tagIndex(merged, *change.Key); i >= 0 {
			merged[i].value = value
		} else {
			merged = append(merged, tag{*change.Key, value})
		}
	}
	return merged
}

// tagIndex is where a list has a key, or -1.
func tagIndex(list []tag, key string) int {
	return slices.IndexFunc(list, func(t tag) bool { return t.key == key })
}

// sdkTags are tags in the SDK's shape. They share their texts with the list,
// which is never changed.
func sdkTags(list []tag) []types.Tag {
	if len(list) == 0 {
		return nil
	}
	shapes := make([]types.Tag, len(list))
	for i := range list {
		shapes[i] = types.Tag{Key: &list[i].key, Value: &list[i].value}
	}
	return shapes
}
