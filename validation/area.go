package validation

import "strings"

// Area names the part of the daemon's behaviour that a scenario exercises
// most. It is derived from what the scenario holds, so that a recording from
// elsewhere is sorted too.
func (s *Scenario) Area() string {
	switch {
	case s.Group == "random":
		return "drawn at random"
	case s.Group == "docs":
		return "rows of upstream's tables"
	case len(s.Faults) > 0 || s.DetachSettleMS > 0:
		return "EC2 errors and retries"
	case s.InitialPrimary != nil || len(s.InitialENIs) > 0:
		return "restart and adopted ENIs"
	case len(s.Events) > 0 && !s.onlySubnetEvents():
		return "changes from outside"
	case s.scarce():
		return "subnets: exhaustion, choice, fragments"
	case s.MetadataLagMS != defaultMetadataLagMS:
		return "metadata lag"
	case s.Env["MAX_ENI"] != "" || s.Env["IP_COOLDOWN_PERIOD"] != "":
		return "MAX_ENI and IP_COOLDOWN_PERIOD"
	case s.Env["ENABLE_PREFIX_DELEGATION"] == "true":
		return "prefix delegation"
	case s.Env["WARM_IP_TARGET"] != "" || s.Env["MINIMUM_IP_TARGET"] != "":
		return "WARM_IP_TARGET and MINIMUM_IP_TARGET"
	}
	return "WARM_ENI_TARGET"
}

// areas lists the names in the order in which a table shows them.
var areas = []string{
	"WARM_ENI_TARGET",
	"WARM_IP_TARGET and MINIMUM_IP_TARGET",
	"prefix delegation",
	"MAX_ENI and IP_COOLDOWN_PERIOD",
	"rows of upstream's tables",
	"metadata lag",
	"subnets: exhaustion, choice, fragments",
	"EC2 errors and retries",
	"changes from outside",
	"restart and adopted ENIs",
	"drawn at random",
}

// defaultMetadataLagMS is the lag of every recording that is not about lag.
const defaultMetadataLagMS = 2000

func (s *Scenario) onlySubnetEvents() bool {
	for _, e := range s.Events {
		if !strings.HasPrefix(e.Kind, "subnet_") {
			return false
		}
	}
	return true
}

// scarce says whether the subnets themselves are what the scenario is about.
func (s *Scenario) scarce() bool {
	if len(s.Subnets) > 1 || len(s.Events) > 0 {
		return true
	}
	for _, subnet := range s.Subnets {
		if len(subnet.InUse) > 0 || subnet.ReservedFreeLimit > 0 || len(subnet.Tags) > 0 || !strings.HasSuffix(subnet.CIDR, "/20") {
			return true
		}
	}
	return false
}
