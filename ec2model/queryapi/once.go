package queryapi

import (
	"maps"
	"net/url"
	"slices"

	"ipamsim/ec2model"
)

// idempotent are the actions of which a client's token makes one, however often
// it is sent: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html.
// SDKs make a token for each operation and send it again with each retry.
var idempotent = []ec2model.Action{ec2model.CreateNetworkInterface, ec2model.RunInstances, ec2model.CreateFleet, ec2model.CreateLaunchTemplate}

const (
	longestToken = 64     // ASCII characters (API reference, RunInstances, ClientToken)
	mostTokens   = 10_000 // that are remembered, the last ones: our own bound. EC2 remembers them by time
)

// tokens are what was asked for with a client's token, and what came of it.
type tokens struct {
	known map[string]*kept // by action and token
	order []string         // in which they came
}

// kept is one request with a token.
type kept struct {
	parameters string
	body       *body // nil while it is under way
	waiting    []func(*body, error)
}

// once sends a request unless one with its token has been sent: then its answer
// is that one's. A request that fails has not been sent.
func (s *Service) once(a ec2model.Action, form url.Values, request send) send {
	token := form.Get("ClientToken")
	if token == "" || !slices.Contains(idempotent, a) {
		return request
	}
	key, parameters := a.String()+" "+token, withoutSignature(form)
	return func(caller ec2model.Caller, done func(*body, error)) {
		if k := s.tokens.known[key]; k != nil {
			s.account.Ask(caller, a, false, func() *ec2model.Error { return k.mismatch(parameters) }, func(err error) { k.again(err, done) })
			return
		}
		k := s.tokens.keep(key, parameters)
		request(caller, func(b *body, err error) {
			if k.body = b; err != nil {
				s.tokens.forget(key)
			}
			done(b, err)
			for _, other := range k.waiting {
				other(b, err)
			}
			k.waiting = nil
		})
	}
}

// withoutSignature are the parameters of a request, in one text.
func withoutSignature(form url.Values) string {
	left := maps.Clone(form)
	for _, name := range unsigned {
		left.Del(name)
	}
	return left.Encode()
}

func (k *kept) mismatch(parameters string) *ec2model.Error {
	if k.parameters == parameters {
		return nil
	}
	return ec2model.NewError("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
}

// again answers a request that was sent before, as soon as that is answered.
func (k *kept) again(err error, done func(*body, error)) {
	if err == nil && k.body == nil {
		k.waiting = append(k.waiting, done)
		return
	}
	done(k.body, err)
}

func (t *tokens) keep(key, parameters string) *kept {
	if t.known == nil {
		t.known = map[string]*kept{}
	}
	if len(t.order) == mostTokens {
		t.forget(t.order[0])
	}
	k := &kept{parameters: parameters}
	t.known[key], t.order = k, append(t.order, key)
	return k
}

func (t *tokens) forget(key string) {
	delete(t.known, key)
	if i := slices.Index(t.order, key); i >= 0 {
		t.order = slices.Delete(t.order, i, i+1)
	}
}
