package result

// Better is what a change of a metric means, and from where on it means anything.
type Better struct {
	Direction Direction
	// Least is the least difference that matters, in the metric's unit, however
	// large a share it is of what was there.
	Least float64
	Why   string // of both
}

// Direction is the one in which a metric is better.
type Direction string

// The directions. Of some a change is neither: it says what was asked for.
const (
	LowerBetter   Direction = "lower"
	HigherBetter  Direction = "higher"
	NeitherBetter Direction = "neither"
)

// Reasons that several metrics share. The least differences are our assumptions.
const (
	ofStart   = "kubelet looks at its containers once a second: half of that is not noticed"
	ofThing   = "one of them is one"
	ofAddress = "one address is one pod that has none when there are no more"
	ofCalls   = "a few calls more or less are the order of events"
	ofAsked   = "it is what the scenario asks for, or how it is met, and no good or bad by itself"
)

// betters are what changes of the metrics mean, by the metric's name.
var betters = map[string]Better{
	"pod_start":        {LowerBetter, 0.5, ofStart},
	"pod_pending":      {LowerBetter, 0.5, ofStart},
	"pod_address_wait": {LowerBetter, 0.5, ofStart},
	"pod_creation":     {LowerBetter, 0.5, "a controller sends some requests a second: half of that is a few of them"},
	"node_ready":       {LowerBetter, 1, "kubelet posts its status every 10 s, and less than a second is in nobody's way"},
	"recovery":         {LowerBetter, 1, "it is seen at samples, which are a second apart and more"},
	"rollout":          {LowerBetter, 1, "a rollout takes minutes"},

	"pods_started":                  {NeitherBetter, 1, "there are more when more are asked for, and pods_never_started says how many are missing"},
	"pods_never_started":            {LowerBetter, 1, ofThing},
	"initial_never_started":         {LowerBetter, 1, ofThing},
	"pod_failed_adds":               {LowerBetter, 1, ofThing},
	"pods_running":                  {HigherBetter, 1, ofThing},
	"pods_running_min":              {HigherBetter, 1, ofThing},
	"pods_waiting_for_address_peak": {LowerBetter, 1, ofThing},
	"pods_waiting_for_address_end":  {LowerBetter, 1, ofThing},
	"pods_unschedulable_peak":       {LowerBetter, 1, ofThing},
	"pods_unschedulable_end":        {LowerBetter, 1, ofThing},
	"pods_not_created_peak":         {LowerBetter, 1, ofThing},
	"pods_not_created_end":          {LowerBetter, 1, ofThing},
	"pods_dropping_peak":            {LowerBetter, 1, ofThing},
	"pods_dropping_end":             {LowerBetter, 1, ofThing},
	"pods_affected":                 {LowerBetter, 1, ofThing},
	"evictions_refused":             {LowerBetter, 1, ofThing},
	"agent_restarts":                {LowerBetter, 1, ofThing},
	"nodes_failed_launches":         {LowerBetter, 1, ofThing},
	"nodes_peak":                    {LowerBetter, 1, "a node more is paid for"},
	"stale_rules_end":               {LowerBetter, 1, ofThing},
	"leaked_addresses_end":          {LowerBetter, 1, ofThing},
	"enis_leaked_peak":              {LowerBetter, 1, ofThing},
	"enis_leaked_end":               {LowerBetter, 1, ofThing},
	"enis_kept_end":                 {LowerBetter, 1, ofThing},
	"enis_peak":                     {LowerBetter, 1, "each holds an address of its own and counts against the account's quota"},

	"subnet_free_min":        {HigherBetter, 1, ofAddress},
	"subnet_free_end":        {HigherBetter, 1, ofAddress},
	"subnet_free_blocks_min": {HigherBetter, 1, "one block is one prefix"},
	"subnet_allocated_peak":  {LowerBetter, 1, ofAddress},
	"subnet_unmanaged_end":   {LowerBetter, 1, ofAddress},

	"api_calls":     {LowerBetter, 10, ofCalls},
	"api_attempts":  {LowerBetter, 10, ofCalls},
	"api_throttled": {LowerBetter, 1, "EC2 refuses none that an account has tokens for"},
	"api_errors":    {LowerBetter, 1, ofThing},

	"pods_wanted":             {NeitherBetter, 1, ofAsked},
	"spot_interruptions":      {NeitherBetter, 1, ofAsked},
	"nodes_replaced":          {NeitherBetter, 1, ofAsked},
	"subnet_assigned_at_peak": {NeitherBetter, 1, ofAsked},
	"subnet_assigned_end":     {NeitherBetter, 1, ofAsked},
	"subnet_warm_end":         {NeitherBetter, 1, "warm addresses are held in vain, and what the next pods start with at once"},
	"subnet_cooling_end":      {NeitherBetter, 1, ofAsked},
}

// Better is what a change of the metric means. Of one that says nothing of it, it is
// neither good nor bad; a test finds those.
func (m *Metric) Better() Better {
	if b, said := betters[m.Name]; said {
		return b
	}
	return Better{NeitherBetter, 0, ""}
}
