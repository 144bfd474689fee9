package queryapi

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"ipamsim/ec2model"
)

// Handler is a [Service] behind HTTP. Paths that begin with /instances are
// instance metadata, see [Handler.ServeHTTP]; everything else is the query API.
type Handler struct {
	service  *Service
	timeline Timeline
	log      func(Entry)
	room     chan struct{} // of requests in flight
	away     atomic.Int64  // turned away for lack of room
}

// Entry is one request that is over, as it is logged.
type Entry struct {
	Caller     ec2model.Caller
	Action     string        // of the API, as the request says it; GET, PUT and the path of metadata. Of long ones the beginning
	Start, End time.Duration // of the account
	RequestID  string        // empty for metadata
	Status     int           // of HTTP; 0 when the client had gone
	Code       string        // EC2's, of an error
}

// mostInFlight requests at once are served; more are turned away with
// ServiceUnavailable. Our own bound: an account throttles long before.
const mostInFlight = 4096

// mostBody is how many bytes of a request are read: our own bound. The query
// API's largest usual requests have some hundred tags or IDs.
const mostBody = 1 << 20

// NewHandler serves what a service answers on a timeline. log, unless it is nil,
// hears of each request that is over, from any goroutine.
func NewHandler(s *Service, t Timeline, log func(Entry)) *Handler {
	if log == nil {
		log = func(Entry) {}
	}
	return &Handler{service: s, timeline: t, log: log, room: make(chan struct{}, mostInFlight)}
}

// ServeHTTP answers /instances/ID/latest/... with the metadata of the instance
// with that ID, as http://169.254.169.254/latest/... would on it;
// /instances/ID/hops/N/latest/... as it would to a client that is N network hops
// away, as processes in containers are; /instances with the list of instances;
// and everything else as the query API. A client that throws the path of its
// endpoint away, as the SDK for Go v2 does, says ID, or ID:N, as the user of the
// URL: http://ID@HOST.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	default:
		h.away.Add(1)
		write(w, answer{RequestID: "-"}.rejected(ec2model.NewError("ServiceUnavailable", "Too many requests are in flight")))
		return
	}
	rest, byPath := strings.CutPrefix(r.URL.Path, "/instances")
	switch instance, distance, byUser := r.BasicAuth(); {
	case byPath && strings.Trim(rest, "/") == "":
		h.serveIndex(w)
	case byPath && rest[0] == '/':
		h.serveMetadata(w, r, strings.TrimPrefix(rest, "/"))
	case byUser && distance == "":
		h.serveMetadata(w, r, instance+r.URL.Path)
	case byUser:
		h.serveMetadata(w, r, instance+"/hops/"+distance+r.URL.Path)
	default:
		h.serveQuery(w, r)
	}
}

func (h *Handler) serveQuery(w http.ResponseWriter, r *http.Request) {
	form, caller, rejected := readQuery(w, r)
	answers := make(chan answer, 1)
	var start time.Duration
	err := h.timeline.Act(func(now time.Duration) {
		start = now
		if rejected != nil {
			answers <- answer{Action: form.Get("Action"), RequestID: h.service.requestID()}.rejected(rejected)
			return
		}
		h.service.call(form, caller, func(a answer) { answers <- a })
	})
	if err != nil {
		write(w, answer{RequestID: "-"}.rejected(ec2model.NewError("ServiceUnavailable", err.Error())))
		return
	}
	entry := Entry{Caller: caller, Action: shortened(form.Get("Action")), Start: start}
	select {
	case a := <-answers:
		entry.RequestID, entry.Status, entry.Code = a.RequestID, a.Status, a.Code
		write(w, a)
	case <-r.Context().Done(): // what was begun takes its course
	}
	_ = h.timeline.Act(func(now time.Duration) { entry.End = now })
	h.log(entry)
}

// InFlight is how many requests are being answered.
func (h *Handler) InFlight() int { return len(h.room) }

// TurnedAway is how many requests there was no room for; the log has not heard of
// them.
func (h *Handler) TurnedAway() int64 { return h.away.Load() }

// write sends an answer.
func write(w http.ResponseWriter, a answer) {
	Ready(w)
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.Header().Set("Server", "AmazonEC2")
	w.Header().Set("X-Amzn-Requestid", a.RequestID)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// readQuery reads the parameters of a request and who sends it.
func readQuery(w http.ResponseWriter, r *http.Request) (url.Values, ec2model.Caller, *ec2model.Error) {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		return nil, "", ec2model.NewError("InvalidRequest", "The request is not valid: it must be GET or POST")
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, "", ec2model.NewError("RequestEntityTooLarge", "Request body is too large")
		}
		return nil, "", ec2model.NewError(codeMalformedQuery, "The query string contains a syntax error")
	}
	caller, rejected := callerOf(r)
	return r.Form, caller, rejected
}

// credential is the scope in the Authorization of Signature Version 4:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Za-z0-9_-]{1,128})/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/aws4_request,\s*SignedHeaders=[^,]+,\s*Signature=[0-9a-f]{64}$`)

// callerOf is who sends a request, by the access key that it is signed with.
// Any key will do: nobody here has its secret, so that the signature is not
// compared.
func callerOf(r *http.Request) (ec2model.Caller, *ec2model.Error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		if r.Form.Get("X-Amz-Credential") == "" {
			return "", ec2model.NewError(codeMissingParameter, "The request must contain the parameter AWSAccessKeyId")
		}
		parts := scope.FindStringSubmatch(r.Form.Get("X-Amz-Credential"))
		if parts == nil {
			return "", strangers
		}
		return ec2model.Caller(parts[1]), nil
	}
	parts := credential.FindStringSubmatch(header)
	if len(header) > 4096 || parts == nil || parts[4] != "ec2" {
		return "", strangers
	}
	return ec2model.Caller(parts[1]), nil
}

// strangers get this.
var strangers = &ec2model.Error{Code: codeAuthFailure, HTTPStatus: http.StatusUnauthorized, Message: "AWS was not able to validate the provided access credentials"}

// scope is X-Amz-Credential of a request that is signed in its query.
var scope = regexp.MustCompile(`^([A-Za-z0-9_-]{1,128})/\d{8}/[a-z0-9-]{1,32}/ec2/aws4_request$`)
