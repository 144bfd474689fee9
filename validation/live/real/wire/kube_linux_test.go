package wire

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// kubernetes is as much of an API server as the daemon asks for: the versions, the
// Node and the daemon's own pod, watched or not, and events that go nowhere.
func kubernetes(t *testing.T, node map[string]any) http.Handler {
	mux := http.NewServeMux()
	answer := func(pattern string, body any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, body) })
	}
	answer("GET /version", map[string]any{"major": "1", "minor": "34", "gitVersion": "v1.34.0"})
	answer("GET /api", map[string]any{"kind": "APIVersions", "versions": []string{"v1"}})
	answer("GET /apis", map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{}})
	verbs := []string{"get", "list", "watch"}
	answer("GET /api/v1", map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{
		map[string]any{"name": "nodes", "singularName": "node", "kind": "Node", "verbs": verbs},
		map[string]any{"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": verbs},
	}})
	pod := map[string]any{
		"kind": "Pod", "apiVersion": "v1", "metadata": map[string]any{"name": podName, "namespace": "kube-system", "uid": "2", "resourceVersion": "1"},
		"spec": map[string]any{"nodeName": nodeName},
	}
	mux.HandleFunc("GET /api/v1/nodes", collection("Node", node))
	mux.HandleFunc("GET /api/v1/pods", collection("Pod", pod))
	mux.HandleFunc("POST /apis/events.k8s.io/v1/", func(w http.ResponseWriter, r *http.Request) {
		var event any
		if json.NewDecoder(r.Body).Decode(&event) == nil {
			writeJSON(w, event)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		t.Logf("Kubernetes is asked for %s %s", r.Method, r.URL)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": http.StatusNotFound})
	})
	return mux
}

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(body)
}

// collection lists its one object, or tells of it and of nothing more.
func collection(kind string, object map[string]any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") == "" {
			writeJSON(w, map[string]any{"kind": kind + "List", "apiVersion": "v1", "metadata": map[string]any{"resourceVersion": "1"}, "items": []any{object}})
			return
		}
		writeJSON(w, map[string]any{"type": "ADDED", "object": object})
		if strings.HasPrefix(r.URL.Query().Get("sendInitialEvents"), "t") {
			writeJSON(w, map[string]any{"type": "BOOKMARK", "object": map[string]any{
				"kind": kind, "apiVersion": "v1", "metadata": map[string]any{"resourceVersion": "1", "annotations": map[string]string{"k8s.io/initial-events-end": "true"}},
			}})
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}
