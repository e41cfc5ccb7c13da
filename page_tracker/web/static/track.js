// Counts views of the page that includes this script, also when a single-page app changes
// the page, and inserts the numbers. The tracker serves the script as one line without
// comments. The limit is 1 024 bytes, so names have one letter:
// d, l, h, a: document, location, history, addEventListener
// m, s: the script element and its data attributes
// b: the base URL of the tracker
// h[b]: the page that was counted last. Copies of this script share it.
// q: the last URL that a policy blocked
{let d=document,l=location,h=history,a=addEventListener,m=d.currentScript,s=m.dataset,
b=m.src.split('track.js')[0],q,
// Inserts a number. Also shows the containers of busuanzi and Vercount, which start hidden.
f=(n,i,v)=>d.querySelectorAll(`[data-${n}],[id$=_${i}]`).forEach(e=>
/container/.test(e.id)?e.style.display='inline':e.textContent=v),
// Requests the numbers of the page, unless only the fragment or the query has changed. The
// view is not counted if the visitor opted out on this device (stored in localStorage), if
// the script tag has data-count="false", or if a page of the same site frames this page.
v=()=>{let n=s.page||l.host+l.pathname,x=l.hash.match(/^#(no-|)count$/),c;
try{if(x)localStorage.nocount=x[1];c=localStorage.nocount}catch{}
n!=h[b]&&fetch(b+(c||x&&x[1]||s.count=='false'||frameElement?'views':'hit')+'.json?page='+
encodeURIComponent(h[b]=n),{keepalive:1})
.then(r=>r.json()).then(j=>j.page&&n==h[b]&&(f('page-views','page_pv',j.views),
f('site-views','site_pv',j.site_views),
f('site-visitors','site_uv',j.site_visitors_today)),e=>0)};
// Counts with an image if the page's Content Security Policy blocks fetch(). The event fires
// once for each policy, so q prevents a second image. Report-only policies block nothing.
// The time stamp makes the image's URL unique, because browsers reuse loaded images.
a('securitypolicyviolation',e=>{let u=e.blockedURI;
if(e.disposition=='enforce'&&u!=q&&!u.indexOf(b+'hit.j'))
new Image().src=(q=u).replace('json?',`gif?${e.timeStamp}&`)});
['push','replace'].map(n=>{let g=h[n+='State'];h[n]=(...x)=>{g.apply(h,x);v()}});
a('popstate',v);
// The event does not bubble to the window, so the listener uses the capture phase.
d.prerendering?a('prerenderingchange',v,1):v()}
