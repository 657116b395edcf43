package extract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestClosingEndsASilentUpload closes the body of a request whose sender has gone silent, long before its time is up.
func TestClosingEndsASilentUpload(t *testing.T) {
	began, ended := make(chan *patient), make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &patient{Reader: r.Body, conn: http.NewResponseController(w), silence: time.Hour}
		if _, err := io.ReadFull(p, make([]byte, 4)); err != nil {
			t.Error(err)
		}
		began <- p
		_, err := p.Read(make([]byte, 4))
		ended <- err
	}))
	defer s.Close()
	body, sender := io.Pipe()
	defer sender.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if answer, err := http.DefaultClient.Do(r); err == nil {
			_ = answer.Body.Close()
		}
	}()
	if _, err := sender.Write([]byte("town")); err != nil {
		t.Fatal(err)
	}
	p := <-began
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("closed, and read on")
	}
	if _, err := p.Read(make([]byte, 4)); err == nil {
		t.Error("a Read after Close waits again")
	}
}
