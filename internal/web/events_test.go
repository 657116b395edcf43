package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
)

func TestEventsMergeBeatAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Events
		ctx, cancel := context.WithCancel(t.Context())
		var told [][]string
		slow := make(chan struct{})
		done := make(chan error)
		go func() {
			done <- e.Follow(ctx, func(topics []string) error {
				told = append(told, topics)
				<-slow
				return nil
			}, "requests", "runs")
		}()
		synctest.Wait()
		e.Publish("requests")
		synctest.Wait() // tell is now busy; what follows is merged
		e.Publish("runs")
		e.Publish("stock")
		e.Publish("runs", "requests")
		slow <- struct{}{}
		slow <- struct{}{}
		time.Sleep(Heartbeat + time.Second) // of the bubble's clock
		slow <- struct{}{}
		want := [][]string{{"requests"}, {"requests", "runs"}, nil}
		if !reflect.DeepEqual(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		cancel()
		if err := <-done; err != nil || len(e.subs) != 0 {
			t.Error("the follower did not leave", err)
		}
	})
}

func TestEventsCloseAndFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e Events
		broken := errors.New("broken pipe")
		done := make(chan error)
		go func() { done <- e.Follow(t.Context(), func([]string) error { return nil }, "a") }()
		go func() { done <- e.Follow(t.Context(), func([]string) error { return broken }, "b") }()
		synctest.Wait()
		e.Publish("b")
		if err := <-done; !errors.Is(err, broken) {
			t.Error(err)
		}
		e.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := e.Follow(t.Context(), nil, "a"); !errs.Is(err, errs.Unavailable) {
			t.Error("a closed hub took a follower:", err)
		}
	})
}

func TestEventsOverHTTP(t *testing.T) {
	var e Events
	m := office(t, io.Discard, Route{Pattern: "GET /events", Allow: Public(), Handle: func(w http.ResponseWriter, r *http.Request) error {
		return e.Serve(w, r, "requests")
	}})
	srv := httptest.NewServer(m)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Scan() // "retry: 3000", sent before the stream is joined
	go func() {
		for t.Context().Err() == nil { // until the stream has joined and been told
			e.Publish("requests")
			runtime.Gosched()
		}
	}()
	for lines.Scan() {
		if lines.Text() == "data: requests" {
			e.Close()
			return
		}
	}
	t.Error("no event came")
}
