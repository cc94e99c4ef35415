// The page's Content Security Policy, in one place: the build writes it into index.html as a meta tag, the host sends it as
// a header. W3C CSP Level 3 and Trusted Types; WebRTC is not covered by connect-src (facts of the browsers, not our choice).

const directives = [
  "default-src 'none'",
  // 'wasm-unsafe-eval': Argon2id is WebAssembly.
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  // Trackers are the user's choice, so any WebSocket; no other origin is ever fetched.
  "connect-src 'self' wss: ws:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  // A form that was sent off by a failed script would put a card into the address, and so into the history and a host's log.
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types kith',
];

/** For `<meta http-equiv="Content-Security-Policy">`. */
export const contentSecurityPolicy: string = directives.join('; ');

/** For the header: the same, and `frame-ancestors`, which a meta tag may not carry. */
export const contentSecurityPolicyHeader: string = `${contentSecurityPolicy}; frame-ancestors 'none'`;
