/*
 * Before any other script: of this origin's files only the service worker may be started as a worker. The policy in the
 * page must say 'self', since no build knows the address that it will be served from; policies add up, so that with
 * this one no more holds than is needed.
 */
(() => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = `worker-src blob: ${new URL('sw.js', document.baseURI).href.split(/[?#]/)[0]}`;
  document.head.append(policy);
})();
