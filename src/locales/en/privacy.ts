/** Requests to other servers: the count, and what it can and cannot see. */
export const privacy = {
  requests: 'Requests to other servers',
  'requests-count':
    '{count, plural, =0 {0 requests to other servers} one {# request to another server} other {# requests to other servers}}',
  'requests-beyond':
    'This page has asked another server {count, plural, one {once} other {# times}}: {addresses}. It never should: a browser extension or a changed copy of the page may be the reason. Take the network away before you open more scans, and tell whoever installed it.',
  'requests-none':
    '0 requests went to other servers since this page was loaded, from this page and from its background threads.',
  'requests-some':
    '{count, plural, one {# request} other {# requests}} went to other servers since this page was loaded. None should.',
  'requests-missed':
    'The browser did not list {count, plural, one {# request} other {# requests}} that were made before the count began; they may have gone anywhere.',
  'requests-blocked':
    '{count, plural, =0 {The policy of the page had nothing to block.} one {# request was blocked by the policy of the page before it left.} other {# requests were blocked by the policy of the page before they left.}}',
  'requests-own': 'To its own server, {origin}',
  'requests-thread': 'by',
  'requests-number': 'requests',
  'requests-bytes': 'received',
  'by-page': 'the page',
  'by-worker': 'background threads',
  'by-service-worker': 'the service worker',
  'what-counts': 'What counts',
  'what-counts-explained':
    'Every file, script, picture or message that the page, its threads or its service worker ask an address other than {origin} for, as the browser itself lists it; also those that failed. What stays in memory (blob: and data: addresses) is no request. The own server is asked for the page, its models and sample scans; a scan is never part of that.',
  'what-is-not-seen': 'What this count cannot see',
  'what-is-not-seen-explained':
    'Browsers list neither what a request carries (from its own server this page only ever reads) nor WebSockets, WebTransport, delayed beacons and what a redirect led to. All of these that go to other servers are blocked by the policy of the page, and counted as blocked. Opening another page (a link that you follow) and direct connections between browsers (WebRTC) are neither listed nor blocked: the page has no code for the latter. A thread that computes reports when it pauses, and one that something else has started does not report; the policy binds it all the same. What other pages, extensions and the browser itself send is theirs. For a proof that does not rely on this page, watch it in the network panel of the browser or at the firewall, or use it with the network off.',
} as const;
