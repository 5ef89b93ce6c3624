package serve

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is the name of a Chromium on this machine.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium here: the page is not looked at as people see it")
	return ""
}

// reader is a browser with the page open.
type reader struct {
	*testing.T
	ctx        context.Context
	mu         sync.Mutex
	complaints []string
}

func openBrowser(t *testing.T, site string) *reader {
	t.Helper()
	r := &reader{T: t}
	complain := func(text string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.complaints = append(r.complaints, text)
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(stop)
	ctx, quit := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(browser(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true)),
		chromedp.WithListener(func(event any) {
			switch e := event.(type) {
			case *network.EventRequestWillBeSent:
				u := e.Request.URL
				if !strings.HasPrefix(u, site+"/") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "blob:"+site+"/") {
					complain("asked for " + u)
				}
			case *runtime.EventExceptionThrown:
				complain(e.ExceptionDetails.Text)
			case *runtime.EventConsoleAPICalled:
				complain(fmt.Sprintf("console: %s", e.Type))
			case *log.EventEntryAdded:
				complain("log: " + e.Entry.Text)
			}
		}))
	t.Cleanup(quit)
	r.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	_, errNetwork := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	_, errLog := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	if err := errors.Join(errNetwork, errLog); err != nil {
		t.Fatal(err)
	}
	return r
}

// see opens a page as wide as told, light or dark.
func (r *reader) see(address, scheme string, width int64) {
	r.Helper()
	_, err := chromedp.Call(r.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err == nil {
		err = chromedp.Do(r.ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address))
	}
	if err != nil {
		r.Fatal(err)
	}
}

// until waits for something to be true on the page.
func (r *reader) until(expression string) {
	r.Helper()
	for range 200 {
		if r.is(expression) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	r.Fatalf("never: %s; the page says %q", expression, text(r, "document.body.innerText"))
}

func (r *reader) is(expression string) bool {
	r.Helper()
	yes, err := chromedp.Run(r.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
	if err != nil {
		r.Fatalf("%s: %v", expression, err)
	}
	return yes
}

func text(r *reader, expression string) string {
	r.Helper()
	s, err := chromedp.Run(r.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		r.Fatalf("%s: %v", expression, err)
	}
	return s
}

func (r *reader) do(script string) {
	r.Helper()
	if _, err := chromedp.Run(r.ctx, chromedp.Evaluate[string]("(() => {"+script+"; return ''})()")); err != nil {
		r.Fatalf("%s: %v", script, err)
	}
}

// click clicks with the mouse in the middle of an element.
func (r *reader) click(selector string) {
	r.Helper()
	r.do("document.querySelector(`" + selector + "`).scrollIntoView({block: 'center'})")
	at, err := chromedp.Run(r.ctx, chromedp.Evaluate[[]float64]("(() => { const b = document.querySelector(`"+selector+"`).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()"))
	if err == nil {
		err = chromedp.Do(r.ctx, chromedp.MouseClickXY(at[0], at[1]))
	}
	if err != nil {
		r.Fatalf("%s: %v", selector, err)
	}
}

// drop drops a file on the page.
func (r *reader) drop(name, kind string, content []byte) {
	r.Helper()
	r.do(fmt.Sprintf(`const d = new DataTransfer(), b = Uint8Array.from(atob("%s"), c => c.charCodeAt(0));
		d.items.add(new File([b], "%s", {type: "%s"}));
		for (const e of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(e, {dataTransfer: d, bubbles: true, cancelable: true}))`,
		base64.StdEncoding.EncodeToString(content), name, kind))
}

// keep keeps what is to be seen as a file in the folder that XBM_SCREENSHOTS names.
func (r *reader) keep(name string) {
	r.Helper()
	dir := os.Getenv("XBM_SCREENSHOTS")
	if dir == "" {
		return
	}
	b, err := chromedp.Run(r.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), b, 0o644)
	}
	if err != nil {
		r.Fatal(err)
	}
}

const (
	tiles  = "document.querySelectorAll('#neighbors li').length"
	labels = "[...document.querySelectorAll('#neighbors button')].map(b => b.getAttribute('aria-label')).join('\\n')"
)

// Somebody drops a file, reads its neighbours, clicks one, asks for a group, and goes
// through the map by keys.
func TestThePageInABrowser(t *testing.T) {
	h := start(t, Config{})
	r := openBrowser(t, h.URL)
	r.see(h.URL+"/", "light", 1280)
	r.until("document.querySelectorAll('#browse li').length === 24 && document.querySelector('#map canvas')")
	if about := text(r, "document.querySelector('#about').textContent"); about != "58 pictures in 3 groups, embedded by mean colour." {
		t.Errorf("the page says %q", about)
	}
	r.drop("mine.png", "image/png", plain(hue(30)))
	r.until(tiles + " === 12")
	if got := text(r, labels); !strings.HasPrefix(got, "group 0, colours/30.png, similarity 1.000: find its neighbours\n") {
		t.Errorf("the neighbours are\n%s", got)
	}
	if got := text(r, "document.querySelector('#said').textContent"); !strings.Contains(got, "12 nearest pictures") {
		t.Errorf("the page says %q", got)
	}
	r.until("[...document.querySelectorAll('#neighbors img')].every(i => i.complete && i.naturalWidth) && document.querySelector('#query').naturalWidth")

	second := strings.Split(text(r, labels), "\n")[1]
	_, name, _ := strings.Cut(strings.Split(second, ", similarity")[0], ", ")
	r.click("#neighbors li:nth-child(2) button")
	r.until("document.querySelector('#answer-heading').textContent.endsWith('" + name + "') && " + tiles + " === 12")
	if got := text(r, labels); strings.Contains(got, ", "+name+",") {
		t.Errorf("%s is its own neighbour:\n%s", name, got)
	}

	r.do("const g = document.querySelector('#group'); g.value = '=group 2'; g.dispatchEvent(new Event('change'))")
	r.until(tiles + " > 0 && ![...document.querySelectorAll('#neighbors .group')].some(g => g.textContent !== 'group 2')")
	r.do("const g = document.querySelector('#threshold'); g.value = '1'; g.dispatchEvent(new Event('change'))")
	r.until("document.querySelector('#said').textContent === 'No picture is as similar as that.' && " + tiles + " === 0")
	r.do("for (const id of ['threshold', 'group']) document.getElementById(id).value = ''; document.getElementById('k').value = '6'; document.getElementById('k').dispatchEvent(new Event('change'))")
	r.until(tiles + " === 6")

	// The map: with the mouse, then with keys.
	r.do("document.querySelector('#map canvas').scrollIntoView({block: 'center'}); window.space.select(5)")
	r.until("!document.querySelector('.space-card').hidden && document.querySelectorAll('.space-near > *').length === 6")
	at, err := chromedp.Run(r.ctx, chromedp.Evaluate[[]float64]("(() => { const b = document.querySelector('#map canvas').getBoundingClientRect(), [x, y] = window.space.at(5); return [b.x + x, b.y + y] })()"))
	if err == nil {
		err = chromedp.Do(r.ctx, chromedp.MouseClickXY(at[0], at[1]))
	}
	if err != nil {
		t.Fatal(err)
	}
	r.until("document.querySelector('#answer-heading').textContent.endsWith('colours/5.png') && " + tiles + " === 6")
	r.do("const c = document.querySelector('#map canvas'); for (const key of ['Escape', 'ArrowRight', 'ArrowLeft', 'Enter']) c.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))")
	r.until("!document.querySelector('#answer-heading').textContent.endsWith('colours/5.png') && " + tiles + " === 6")
	before := text(r, "document.querySelector('#browse button').getAttribute('aria-label')")
	r.click("#others")
	r.until("document.querySelector('#browse button').getAttribute('aria-label') !== '" + before + "'")

	grounds := map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			r.see(h.URL+"/", scheme, width)
			r.until("document.querySelector('#map canvas')")
			r.drop("mine.png", "image/png", plain(hue(20)))
			r.until(tiles + " === 12")
			if !r.is("document.documentElement.scrollWidth <= innerWidth") {
				t.Errorf("%s, %d wide: it can be scrolled sideways", scheme, width)
			}
			if small := text(r, "[...document.querySelectorAll('button, select, input[type=number]')].filter(b => b.checkVisibility() && b.getBoundingClientRect().height < 31).map(b => b.outerHTML).join()"); small != "" {
				t.Errorf("%s, %d wide: too small for a finger: %s", scheme, width, small)
			}
			grounds[scheme] = text(r, "getComputedStyle(document.body).backgroundColor")
			r.keep(fmt.Sprintf("serve-%s-%d", scheme, width))
		}
	}
	if grounds["light"] == grounds["dark"] {
		t.Errorf("grounds %v: dark is as light", grounds)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.complaints {
		t.Errorf("the page %s", c)
	}
}

// What goes wrong is told on the page.
func TestThePageTellsErrorsInABrowser(t *testing.T) {
	h := start(t, Config{Token: "sesame", MaxBytes: 3000})
	r := openBrowser(t, h.URL)
	r.see(h.URL+"/", "light", 1280)
	r.until("!document.querySelector('#token').hidden")
	r.do("document.querySelector('#token-text').value = 'sesame'; document.querySelector('#token button').click()")
	r.until("document.querySelector('#token').hidden && document.querySelectorAll('#browse li').length === 24")
	r.drop("broken.png", "image/png", []byte("no picture"))
	r.until("document.querySelector('#said').className === 'bad' && document.querySelector('#said').textContent === 'The picture cannot be read: it is no picture.'")
	r.drop("large.png", "image/png", make([]byte, 4000))
	r.until("document.querySelector('#said').textContent.startsWith('The picture has 0.0 MB')")
	r.drop("good.png", "image/png", plain(color.RGBA{200, 30, 40, 255}))
	r.until(tiles + " === 12")
	h.CloseClientConnections()
	_ = h.Listener.Close() // the server is gone
	r.drop("good.png", "image/png", plain(color.RGBA{200, 30, 40, 255}))
	r.until("document.querySelector('#said').textContent === 'The server cannot be reached.'")
}
