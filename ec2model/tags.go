package ec2model

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// CreateTags sets tags on an interface, an instance or a subnet.
func (a *Account) CreateTags(caller Caller, id string, tags []types.Tag, done func(error)) {
	check := func() *Error {
		old, err := a.tagsOf(id)
		if err != nil {
			return err
		}
		return checkTags(*old, tags)
	}
	apply := func() (nothing, *Error) {
		a.setTags(id, tags)
		return nothing{}, nil
	}
	request(a, caller, CreateTags, cost{}, check, apply, ignoring(done))
}

// tagsOf finds the tags of a resource.
func (a *Account) tagsOf(id string) (*[]types.Tag, *Error) {
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
	if e, ok := a.eniByID[id]; ok {
		e.shape = nil
	}
}

// mostTags per resource; Constants has the source.
const mostTags = 50

func checkTags(old, tags []types.Tag) *Error {
	for _, tag := range tags {
		if tag.Key == nil || *tag.Key == "" {
			return reject(CodeInvalidParameterValue, "a tag has no key")
		}
	}
	if len(mergeTags(old, tags)) > mostTags {
		return reject(CodeTagLimitExceeded, "a resource can have %d tags", mostTags)
	}
	return nil
}

// mergeTags is old with every tag of changes set; it shares nothing with old.
func mergeTags(old, changes []types.Tag) []types.Tag {
	merged := append([]types.Tag(nil), old...)
next:
	for _, tag := range changes {
		for i := range merged {
			if *merged[i].Key == *tag.Key {
				merged[i] = tag
				continue next
			}
		}
		merged = append(merged, tag)
	}
	return merged
}
