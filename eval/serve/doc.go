// Package serve answers searches of an index over HTTP, and has a page for people.
//
//	POST /v1/search            a picture, as the body or in a form: its nearest rows
//	POST /v1/embed             a picture: its embedding
//	GET  /v1/rows/{row}        what a row is of, and its nearest rows
//	GET  /v1/rows/{row}/picture  its small picture
//	GET  /v1/index             what the index is of
//	GET  /v1/map               the rows laid out on a plane
//	GET  /healthz              200 as long as it answers
//	GET  /metrics              counts and times, as Prometheus reads them
//	GET  /                     the page
//
// Searches take k (default 10), group and not_group (each any number of times) and
// threshold (the least cosine similarity) as query parameters. Answers are
// JSON, errors {"error": "…"}. No answer names a place on the disk.
//
// What a request may take is bounded: bytes, pixels, time, and the queue. When the queue is
// full, a request gets 503 and Retry-After at once. Pictures that wait at the same time go
// through the network together.
package serve
