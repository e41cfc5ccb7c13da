// Counts the page that it stands in, and those that a single-page app makes of it, and
// fills in their numbers. It is served as one line, without these comments, in 1 024
// bytes at most; so names have one letter. d, l, h: as in browsers; s: what the script's
// tag says; b: where the tracker's URLs begin; h[b]: the page that was viewed last, also
// by another copy of this script; q: what could not be fetched last.
{let d=document,l=location,h=history,a=addEventListener,m=d.currentScript,s=m.dataset,
b=m.src.split('track.js')[0],q,
// Shows a number; containers, as busuanzi and Vercount have them, are hidden until then.
f=(n,i,v)=>d.querySelectorAll(`[data-${n}],[id$=_${i}]`).forEach(e=>
/container/.test(e.id)?e.style.display='inline':e.textContent=v),
// Views the page, unless its fragment or query alone has changed. It is not counted if its
// reader has said so on this device (where the browser stores it), if the page says so, or
// if it stands in a frame of its own site.
v=()=>{let n=s.page||l.host+l.pathname,x=l.hash.match(/^#(no-|)count$/),c;
try{if(x)localStorage.nocount=x[1];c=localStorage.nocount}catch{}
n!=h[b]&&fetch(b+(c||x&&x[1]||s.count=='false'||frameElement?'views':'hit')+'.json?page='+
encodeURIComponent(h[b]=n),{keepalive:1})
.then(r=>r.json()).then(j=>j.page&&n==h[b]&&(f('page-views','page_pv',j.views),
f('site-views','site_pv',j.site_views),
f('site-visitors','site_uv',j.site_visitors_today)),e=>0)};
// Where a page may show images of the tracker, and not fetch from it. Each of its policies
// is told of, and those that only report forbid nothing. An image that a page has shown
// before is not asked for again, so each has an address of its own.
a('securitypolicyviolation',e=>{let u=e.blockedURI;
if(e.disposition=='enforce'&&u!=q&&!u.indexOf(b+'hit.j'))
new Image().src=(q=u).replace('json?',`gif?${e.timeStamp}&`)});
['push','replace'].map(n=>{let g=h[n+='State'];h[n]=(...x)=>{g.apply(h,x);v()}});
a('popstate',v);
// The event does not bubble from the document: it is caught on its way there.
d.prerendering?a('prerenderingchange',v,1):v()}
