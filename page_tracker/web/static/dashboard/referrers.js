// The hosts that the views of a site came from in a span.

import { sitePath } from "./api.js";
import { byId, element } from "./dom.js";
import { makeRanking } from "./ranking.js";

const UNKNOWN = "Directly or unknown";
const OTHERS = "Other hosts";

export const { show: showReferrers, refresh: refreshReferrers } = makeRanking(byId("referrers"), {
  title: "Referrers",
  parameter: "host",
  path: ({ site }) => sitePath(site, "referrers"),
  rowsOf,
  makeName,
  hint: ({ recorded }) => (recorded ? "" : "PAGE_TRACKER_REFERRERS=false: new views count as unknown."),
  nothing: (search) => (search ? `No host has “${search}” in its name.` : "No page was viewed."),
});

/** Return the hosts, and what is known of no host, unless hosts are searched for. */
function rowsOf({ referrers, unknown, others }, { route }) {
  const rows = referrers.map(({ referrer, name, views }) => ({ key: referrer, name, views }));
  if (route.host) return rows;
  // A host has no space in its name.
  const further = [
    { key: " unknown", name: UNKNOWN, views: unknown, isNoHost: true },
    { key: " others", name: OTHERS, views: others, isNoHost: true },
  ];
  return [...further.filter(({ views }) => views > 0), ...rows];
}

// A host is no link: a referrer may be forged to attract the owner.
function makeName({ key, name, isNoHost }) {
  return element("bdi", { className: isNoHost ? "path faint" : "path", textContent: name, title: isNoHost ? "" : key });
}
