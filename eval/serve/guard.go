package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// tokenCookie is where the page keeps the token.
const tokenCookie = "xbm_token"

// allowed tells whether a request bears the token.
func (s *Server) allowed(r *http.Request) bool {
	if s.config.Token == "" {
		return true
	}
	given, bears := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if cookie, err := r.Cookie(tokenCookie); !bears && err == nil {
		given, _ = url.PathUnescape(cookie.Value) // "" is no token
	}
	// Sums, so that the time tells nothing of the length either.
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.config.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// onlyThisHost refuses, at an address of this machine alone, requests under another
// name: a page of elsewhere could have its name lead here, and read what is answered.
func onlyThisHost(at net.Addr, next http.Handler) http.Handler {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(host, "[]")
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			writeJSON(w, http.StatusMisdirectedRequest, map[string]string{"error": "this address is for this machine alone"})
			return
		}
		next.ServeHTTP(w, r)
	})
}
