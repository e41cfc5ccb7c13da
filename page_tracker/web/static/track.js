// Counts views of the page that includes this script, also when a single-page app changes the
// page, and fills in the numbers. This is the source. The tracker serves track.min.js, which
// is made from it: npm run --prefix tests/browser build
//
// What is served is at most 2,048 bytes, and at most 1,024 in Brotli. Globals that are used often
// have short names here, because the minifier cannot shorten those of the browser. Variables are
// declared by let, which is shorter than const.
let doc = document;
let url = location;

// Modules have no document.currentScript, nor have scripts that a loader runs. import.meta.url
// is an error outside modules. So the stack tells the address of this script, with the line.
let element = doc.currentScript;
let source = element?.src || /http.*(?=:\d+:)/.exec(Error().stack);

// The options: the data attributes of the tag. If a page includes the script again, its latest
// tag has them. A tag that loads nothing and has data-host is for a script that is part of another
// file.
let options =
  (
    doc.querySelector("script[data-host]:not([src])") ||
    element ||
    [...doc.scripts].find((script) => script.src == source || script.dataset.host)
  )?.dataset || {};

// Returns the host of a URL, without www. A host may have a & in it, but not in a query.
let site = (link) => /\/(?:www\.)?([^/&]+)/.exec(link)?.[1];

// The tracker answers at data-host, otherwise beside this script.
let tracker = new URL((options.host || ".").replace(/\/?$/, "/"), source);

let from = site(doc.referrer); // the host that the reader came from; 0 after the first view
let filling; // the timer that fills the elements
let asked; // the name that view() asks for, in an array
let address; // the address that was visited last
let numbers; // the request for the numbers of the page that was counted last, then these; or 0
let canonical; // the canonical link that was there then

// Fills the elements of a number. Those of busuanzi and Vercount have containers, which start
// hidden. Numbers of busuanzi that the tracker does not know are hidden.
let fill = (name, id, number) =>
  [...doc.querySelectorAll(`[data-${name}],[id$=_${id}]`)].map((place) => {
    if (number >= 0 && !/container_/.test(place.id)) {
      // Only once: the page may format the number, or another tracker fill the same element, and
      // each would undo what the other did for ever. But an app may empty the element again.
      if (place[tracker] != numbers || !/\p{N}/u.test(place.textContent)) {
        place[tracker] = numbers;
        place.textContent = number;
      }
    } else place.style.display = number >= 0 ? "inline" : "none";
  });

let fillAll = () => {
  filling = 0;
  if (numbers.page) {
    fill("page-views", "page_pv", numbers.views);
    fill("site-views", "site_pv", numbers.site_views);
    fill("site-visitors", "site_uv],[id$=today_uv", numbers.site_visitors_today);
    fill("", "page_uv],[id$=today_pv");
  }
};

// Counts the current page, unless it was visited last, and fills new elements.
let visit = (event) => {
  // An image counts if a Content Security Policy has blocked the request. The event fires once
  // for each policy, but one image is enough. Report-only policies block nothing. Browsers
  // reuse loaded images, so the time stamp makes the URL unique.
  if (event?.disposition == "enforce" && event.blockedURI == numbers) {
    numbers = 0;
    new Image().src = event.blockedURI.replace("json?", "gif?") + "&" + event.timeStamp;
  }

  // A tab may open in the background, and a page may be prerendered.
  if (doc.hidden || doc.prerendering) return;

  // #no-count and #count make a choice for this site. Without localStorage, as in some frames,
  // it holds for this address.
  let optedOut = url.hash.match(/^#(no-|)count$/)?.[1];
  try {
    if (optedOut != null) localStorage.nocount = optedOut;
    optedOut = localStorage.nocount;
  } catch {}

  // Queries and the fragment name pages only if data-query and data-hash say so. The query in a
  // fragment names none.
  let route = "hash" in options ? url.hash.match(/^#!?\/[^?]*|$/)[0] : "";
  let names = options.query;
  let current =
    options.page ||
    url.host +
      url.pathname +
      "?" +
      url.search
        .split(/^\?|&/)
        .filter((part) => names == "*" || names?.split(",").includes(part.split("=")[0]))
        .join("&") +
      route;

  // Until the numbers of another page arrive, none are shown.
  let isSame = current == address || (numbers = 0);
  let link = doc.querySelector("head link[rel=canonical]")?.href;
  // Back and forward may show a page again that the browser has kept: event.persisted.
  if (asked || (options.auto != "false" && (event?.persisted || !isSame))) {
    // Frames in pages of the same site do not count.
    let path = optedOut || options.count == "false" || frameElement ? "views" : "hit";
    // After an app has changed the address, the link may still be that of the page before.
    let request = (numbers = new URL(
      path +
        ".json?page=" +
        encodeURIComponent(
          asked?.[0] ||
            options.page ||
            (!route && (isSame || link != canonical) && site(url) == site(link) ? link : current),
        ) +
        (path == "hit" && from && site(url) != from ? "&from=" + from : "") +
        // The tracker does not count views on hosts that only this computer or its network can
        // reach.
        ("local" in options ? "" : "&host=" + url.host),
      tracker,
    ));
    fetch(request, { keepalive: true })
      .then((response) => response.json())
      .then((answer) => {
        // Another page may have followed before the numbers arrived.
        if (request == numbers) numbers = answer;
        fillAll();
      }, fillAll);
    address = current;
    asked = from = 0;
  }
  canonical = link;
  // Elements appear one by one. This finds several at once, but before a reader sees them.
  filling ||= setTimeout(fillAll, 9);
};

// All copies of this script share the first, so that a view counts once.
if (self[tracker]) self[tracker](options);
else {
  self[tracker] = (latest) => visit((options = latest));
  self.pageTracker = { view: (page) => visit((asked = [page])) };
  visit();

  ["pushState", "replaceState"].map((name) => {
    let change = history[name];
    history[name] = (...state) => visit(change.apply(history, state));
  });
  [
    "securitypolicyviolation",
    "pageshow",
    "visibilitychange",
    "prerenderingchange",
    "popstate",
  ].map((name) =>
    // Not all of these events bubble to the window.
    addEventListener(name, visit, true),
  );
  // Elements for numbers may appear at any time.
  new MutationObserver(visit).observe(doc, { childList: true, subtree: true });

  // The Navigation API tells of each change of the address. Not all browsers have it. This is
  // last, because it fails if a variable of the page has this name.
  self.navigation?.addEventListener("currententrychange", visit);
}
