package queryapi

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// mostTagged is how many resources one CreateTags or DeleteTags may name (API
// reference, CreateTags: "up to 1000 resource IDs").
const mostTagged = 1000

func createTags(s *Service, p *param) send {
	ids, tags := p.tagged()
	return simple(func(caller ec2model.Caller, done func(error)) { s.account.CreateTags(caller, ids, tags, done) })
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
	case len([]rune(*t.Value)) > longestValue:
		p.fault.report(codeInvalidParameterValue, "Tag value exceeds the maximum length of %d characters", longestValue)
	case len(*t.Key) >= 4 && (*t.Key)[:4] == "aws:":
		p.fault.report(codeInvalidParameterValue, "Tag keys starting with 'aws:' are reserved for internal use")
	}
}
