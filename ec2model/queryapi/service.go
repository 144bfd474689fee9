package queryapi

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"ipamsim/ec2model"
)

// Options say what an account's answers contain that the account itself has no
// notion of.
type Options struct {
	Region string    // that of the Availability Zones when empty
	Owner  string    // 12 digits; 123456789012, that of AWS's examples, when empty
	Epoch  time.Time // the date of the account's time 0
}

// Service is the EC2 query API of one account, and the metadata of its
// instances. It lives on the account's timeline; see [Handler].
type Service struct {
	account *ec2model.Account
	clock   ec2model.Scheduler
	options Options
	serial  uint64 // of requests

	departed   []departure                // instances, in the order of their departure
	metadataOf map[string]metadataOptions // of instances that have others than most
	templates  map[string]*template       // by ID
	fleets     int                        // so far
	lastLaunch int                        // template
	tokens     tokens                     // of clients
}

// New puts an API in front of an account, which lives on the clock.
func New(account *ec2model.Account, clock ec2model.Scheduler, o Options) *Service {
	if o.Owner == "" {
		o.Owner = "123456789012"
	}
	if o.Region == "" {
		o.Region = regionOf(account.Subnets()[0].AZ)
	}
	s := &Service{account: account, clock: clock, options: o, metadataOf: map[string]metadataOptions{}, templates: map[string]*template{}}
	account.ObserveDepartures(s.departs)
	return s
}

// usualRegion is that of the answers where the zones' names do not say it: a
// scenario may call a zone a.
const usualRegion = "us-west-2"

var zoneName = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+)+-[0-9])[a-z]$`)

// regionOf is the Region that a zone's name begins with.
func regionOf(zone string) string {
	if parts := zoneName.FindStringSubmatch(zone); parts != nil {
		return parts[1]
	}
	return usualRegion
}

// answer is what goes back for a request.
type answer struct {
	Action    string // as the request names it
	RequestID string
	Status    int    // of HTTP
	Code      string // EC2's, of an error
	Body      []byte // XML
}

// unsigned are the parameters of a request that are not its action's: its
// name, and signatures of versions 2 and 4 in the query.
var unsigned = []string{
	"Action", "Version", "SignatureMethod", "SignatureVersion", "Signature", "Timestamp", "Expires", "AWSAccessKeyId", "SecurityToken",
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}

// send is a request that has been understood: it goes to the account, and its
// answer to done, with what fills the body.
type send func(caller ec2model.Caller, done func(*body, error))

// version is that of the API that is spoken.
const version = "2016-11-15"

// call serves one request: its parameters and who sends it. It must be called on
// the account's timeline; done is called there, exactly once, when the answer
// comes.
func (s *Service) call(form url.Values, caller ec2model.Caller, done func(answer)) {
	a := answer{Action: form.Get("Action"), RequestID: s.requestID()}
	action, rejected := s.understood(form)
	if rejected != nil {
		done(a.rejected(rejected))
		return
	}
	p := parse(form)
	p.pass(unsigned...)
	request := s.once(action.model, form, action.read(s, p))
	if len(form.Get("ClientToken")) > longestToken {
		p.fault.report(codeInvalidParameterValue, "The client token is longer than %d characters", longestToken)
	}
	if dry := p.flag("DryRun", false); dry && p.fault.err == nil {
		p.fault.err = &ec2model.Error{Code: codeDryRun, Message: "Request would have succeeded, but DryRun flag is set.", HTTPStatus: 412}
	}
	if left := p.unread(); left != nil {
		p.fault.report(codeUnknownParameter, "The parameter %s is not recognized", left.path)
	}
	if p.fault.err != nil {
		request = func(caller ec2model.Caller, done func(*body, error)) {
			s.account.Ask(caller, action.model, false, func() *ec2model.Error { return p.fault.err }, func(err error) { done(nil, err) })
		}
	}
	request(caller, func(b *body, err error) {
		if err != nil {
			done(a.rejected(err))
			return
		}
		a.Status, a.Body = 200, document(a.Action, a.RequestID, b)
		done(a)
	})
}

// understood finds the action of a request.
func (s *Service) understood(form url.Values) (action, *ec2model.Error) {
	name, given := form.Get("Action"), form.Get("Version")
	found, ok := actions[name]
	switch {
	case name == "":
		return action{}, ec2model.NewError("MissingAction", "The request must contain the parameter Action")
	case given == "":
		return action{}, ec2model.NewError(codeMissingParameter, "The request must contain the parameter Version")
	case given != version:
		return action{}, ec2model.NewError(codeNoSuchVersion, fmt.Sprintf("The requested version (%s) of service AmazonEC2 does not exist", shortened(given)))
	case !ok:
		return action{}, ec2model.NewError(codeInvalidAction, fmt.Sprintf("The action %s is not valid for this web service.", shortened(name)))
	}
	return found, nil
}

// rejected is the answer with an error.
func (a answer) rejected(err error) answer {
	a.Status, a.Code = 500, codeInternal
	message := err.Error()
	if e, is := errors.AsType[*ec2model.Error](err); is {
		a.Status, a.Code, message = e.HTTPStatus, e.Code, e.Message
	}
	a.Body = errorDocument(a.Code, message, a.RequestID)
	return a
}

// requestID has the form of EC2's. It is made of a counter.
func (s *Service) requestID() string {
	s.serial++
	h, l := scrambled(2*s.serial), scrambled(2*s.serial+1)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", h>>32, h>>16&0xffff, h&0xfff, l>>48&0x3fff|0x8000, l&0xffffffffffff)
}

// scrambled is the finalizer of SplitMix64: counters that look like nothing.
func scrambled(x uint64) uint64 {
	x *= 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// date is a virtual time as answers show it.
func (s *Service) date(t time.Duration) time.Time { return s.options.Epoch.Add(t) }
