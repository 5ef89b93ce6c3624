package report

import (
	"context"
	"errors"
	"fmt"
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
	t.Skip("there is no Chromium here: the page is not looked at as readers see it")
	return ""
}

// looked is what a browser tells of a page.
type looked struct {
	Figures   int      `json:"figures"`
	Pictures  int      `json:"pictures"`
	Wide      float64  `json:"wide"`      // of what could be scrolled to, over the window
	SmallText float64  `json:"smallText"` // the smallest in a figure, in pixels
	Ground    string   `json:"ground"`
	Ink       string   `json:"ink"`
	Wrong     []string `json:"wrong"`
}

// look finds figures that are not to be seen, and texts that leave them.
const lookScript = `(() => {
	const found = {figures: 0, pictures: 0, wide: document.documentElement.scrollWidth - innerWidth, smallText: 99, wrong: [],
		ground: getComputedStyle(document.body).backgroundColor, ink: getComputedStyle(document.querySelector("svg text")).fill};
	for (const svg of document.querySelectorAll("figure svg")) {
		const box = svg.getBoundingClientRect(), name = svg.querySelector("title").textContent;
		found.figures++;
		if (box.width < 250 || box.height < 90 || box.left < 0 || box.right > innerWidth || !svg.checkVisibility())
			found.wrong.push(name + " is not to be seen");
		for (const text of svg.querySelectorAll("text")) {
			const t = text.getBoundingClientRect();
			if (t.left < box.left - 1 || t.right > box.right + 1 || t.top < box.top - 1 || t.bottom > box.bottom + 1)
				found.wrong.push(name + ": " + text.textContent + " leaves the figure");
			found.smallText = Math.min(found.smallText, parseFloat(text.getAttribute("font-size")) * box.width / svg.viewBox.baseVal.width);
		}
		if (!svg.querySelector("desc").textContent) found.wrong.push(name + " has no words");
	}
	for (const img of document.images) {
		found.pictures++;
		if (!img.complete || !img.naturalWidth || !img.checkVisibility()) found.wrong.push(img.alt + " is not to be seen");
	}
	for (const table of document.querySelectorAll(".scroll"))
		if (!table.closest("details") && table.getBoundingClientRect().right > innerWidth) found.wrong.push("a table is wider than the window");
	return found;
})()`

// The page is opened in a browser at the widths of a desk and a phone, light and
// dark.
func TestThePageInABrowser(t *testing.T) {
	path := browser(t)
	root := t.TempDir()
	fakeStudy(t, filepath.Join(root, "study"))
	p := newPage(t, filepath.Join(root, "study"))
	p.Space = fakeSpace(t)
	file := filepath.Join(root, "report.html")
	if err := os.WriteFile(file, []byte(html(t, p)), 0o644); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var complaints []string
	complain := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, text)
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	defer stop()
	ctx, quit := chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true)),
		chromedp.WithListener(func(event any) {
			switch e := event.(type) {
			case *network.EventRequestWillBeSent:
				if u := e.Request.URL; u != "file://"+file && !strings.HasPrefix(u, "data:") {
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
	defer quit()
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	_, errNetwork := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	_, errLog := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	if err := errors.Join(errNetwork, errLog); err != nil {
		t.Fatal(err)
	}
	grounds, inks := map[string]string{}, map[string]string{}
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			if err == nil {
				err = chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate("file://"+file))
			}
			if err != nil {
				t.Fatal(err)
			}
			l, err := chromedp.Run(ctx, chromedp.Evaluate[looked](lookScript))
			if err != nil {
				t.Fatal(err)
			}
			grounds[scheme], inks[scheme] = l.Ground, l.Ink
			// The map: by keys to a picture, whose card has its nearest.
			card, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => {
				const c = document.querySelector("#space canvas");
				c.scrollIntoView();
				c.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true, cancelable: true}));
				const card = document.querySelector(".space-card"), box = card.getBoundingClientRect();
				if (card.hidden || box.left < 0 || box.right > innerWidth) return "the card is not to be seen";
				return card.querySelector("b").textContent + ", " + card.querySelectorAll(".space-near > *").length + " near, " + c.width;
			})()`))
			if err != nil || !strings.HasPrefix(card, "class ") || !strings.Contains(card, ", 6 near, ") {
				t.Errorf("%s, %d wide: the map's card says %q (%v)", scheme, width, card, err)
			}
			if dir := os.Getenv("XBM_SCREENSHOTS"); dir != "" {
				b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err == nil {
					err = os.WriteFile(filepath.Join(dir, fmt.Sprintf("report-%s-%d.png", scheme, width)), b, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if l.Figures != len(p.Figures()) || l.Pictures != 2 || l.Wide > 0 || l.SmallText < 9 || len(l.Wrong) > 0 {
				t.Errorf("%s, %d wide: %d figures of %d, %d pictures, %v pixels too wide, texts from %.1f pixels on; %s",
					scheme, width, l.Figures, len(p.Figures()), l.Pictures, l.Wide, l.SmallText, strings.Join(l.Wrong, "; "))
			}
		}
	}
	if grounds["light"] == grounds["dark"] || inks["light"] == inks["dark"] {
		t.Errorf("grounds %v and inks %v: dark is as light", grounds, inks)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, text := range complaints {
		t.Errorf("the page %s", text)
	}
}
