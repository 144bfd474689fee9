package queryapi

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// describeNetworkInterfaceAttribute answers one attribute of an interface.
func describeNetworkInterfaceAttribute(s *Service, p *param) send {
	id := p.id("NetworkInterfaceId", interfaceID)
	p.need("Attribute")
	attribute := p.oneOf("Attribute", "description", "groupSet", "sourceDestCheck", "attachment")
	check := func() *ec2model.Error {
		_, err := s.account.InterfacesNow([]string{id})
		return rejection(err)
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.Ask(caller, ec2model.DescribeNetworkInterfaceAttribute, false, check, func(err error) {
			var b body
			if err == nil {
				list, _ := s.account.InterfacesNow([]string{id})
				e := s.networkInterface(list[0])
				b.add("networkInterfaceId", id)
				switch attribute {
				case "description":
					b.add("description", types.AttributeValue{Value: e.Description})
				case "groupSet":
					b.add("groupSet", e.Groups)
				case "sourceDestCheck":
					b.add("sourceDestCheck", types.AttributeBooleanValue{Value: e.SourceDestCheck})
				case "attachment":
					b.add("attachment", e.Attachment)
				}
			}
			done(&b, err)
		})
	}
}
