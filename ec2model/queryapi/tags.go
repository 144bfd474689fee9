package queryapi

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// mostTagged is how many resources one CreateTags or DeleteTags may name (API
// reference, CreateTags: "up to 1000 resource IDs").
const mostTagged = 1000

func createTags(s *Service, p *param) send {
	ids, tags := p.tagged()
	return simple(func(caller ec2model.Caller, done func(ec2model.Nothing, error)) {
		s.account.CreateTags(caller, ids, tags, done)
	})
}

func deleteTags(s *Service, p *param) send {
	ids, tags := p.tagged()
	return simple(func(caller ec2model.Caller, done func(ec2model.Nothing, error)) {
		s.account.DeleteTags(caller, ids, tags, done)
	})
}

// tagged are the resources and tags of a request.
func (p *param) tagged() (ids []string, tags []types.Tag) {
	ids, tags = p.texts("ResourceId"), p.tags("Tag")
	switch {
	case len(ids) == 0:
		p.fault.report(codeMissingParameter, "The request must contain the parameter resourceIdSet")
	case len(ids) > mostTagged:
		p.fault.report(codeInvalidParameterValue, "A request can name %d resources", mostTagged)
	}
	for _, t := range tags {
		p.checkTag(t)
	}
	return ids, tags
}

// The limits of a tag (EC2 user guide, "Tag restrictions").
const (
	longestKey   = 128
	longestValue = 256
)

func (p *param) checkTag(t types.Tag) {
	switch {
	case len([]rune(*t.Key)) > longestKey:
		p.fault.report(codeInvalidParameterValue, "Tag key exceeds the maximum length of %d characters", longestKey)
	case t.Value != nil && len([]rune(*t.Value)) > longestValue:
		p.fault.report(codeInvalidParameterValue, "Tag value exceeds the maximum length of %d characters", longestValue)
	case len(*t.Key) >= 4 && (*t.Key)[:4] == "aws:":
		p.fault.report(codeInvalidParameterValue, "Tag keys starting with 'aws:' are reserved for internal use")
	}
}

var tags = &describing[types.TagDescription]{
	action: ec2model.DescribeTags, set: "tagSet", least: leastPage, most: pageOf1000,
	now: func(s *Service, _ []string) ([]types.TagDescription, error) { return s.allTags(), nil },
	key: func(t types.TagDescription) string { return *t.ResourceId + " " + *t.Key },
	values: map[string]func(*Service, types.TagDescription) []string{
		"key":           func(_ *Service, t types.TagDescription) []string { return []string{*t.Key} },
		"resource-id":   func(_ *Service, t types.TagDescription) []string { return []string{*t.ResourceId} },
		"resource-type": func(_ *Service, t types.TagDescription) []string { return []string{string(t.ResourceType)} },
		"value":         func(_ *Service, t types.TagDescription) []string { return []string{*t.Value} },
	},
}

func describeTags(s *Service, p *param) send { return describe(s, p, tags) }

// allTags are those of all resources, in the order of their keys as pages have it.
func (s *Service) allTags() (list []types.TagDescription) {
	add := func(kind types.ResourceType, id *string, tags []types.Tag) {
		for _, t := range tags {
			list = append(list, types.TagDescription{ResourceId: id, ResourceType: kind, Key: t.Key, Value: t.Value})
		}
	}
	subnets, _ := s.account.SubnetsNow(nil)
	for _, n := range subnets {
		add(types.ResourceTypeSubnet, n.SubnetId, n.Tags)
	}
	instances, _ := s.account.InstancesNow(nil)
	for _, i := range instances {
		add(types.ResourceTypeInstance, i.InstanceId, i.Tags)
	}
	interfaces, _ := s.account.InterfacesNow(nil)
	for _, e := range interfaces {
		add(types.ResourceTypeNetworkInterface, e.NetworkInterfaceId, e.TagSet)
	}
	slices.SortFunc(list, func(a, b types.TagDescription) int {
		return cmp.Or(cmp.Compare(*a.ResourceId, *b.ResourceId), cmp.Compare(*a.Key, *b.Key))
	})
	return list
}
