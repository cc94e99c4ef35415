// The page's only Trusted Types policy (W3C Trusted Types; the CSP allows the name `kith`). It lets through addresses of our
// own workers and nothing else, so that no text can become code even if a bug puts it where code goes.

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}
interface PolicyFactory {
  createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy;
}

/** `sw.js` beside the page, `….worker-<hash>.js` of a build, `….worker.ts` of the development server. */
const workerFile = /\/(?:sw\.js|[\w-]+\.worker(?:-[\w-]+)?\.(?:js|ts))$/;

/** The URL, resolved, when it is one of a worker of ours below `page`. @throws TypeError otherwise */
export function checkWorkerUrl(url: string, page: string): string {
  const resolved = new URL(url, page);
  const home = new URL('./', page);
  const ours = resolved.origin === home.origin && resolved.pathname.startsWith(home.pathname);
  if (!ours || !workerFile.test(resolved.pathname)) throw new TypeError('not a worker of this page');
  return resolved.href;
}

let policy: ScriptUrlPolicy | undefined;

/**
 * What `new Worker` and `serviceWorker.register` take under `require-trusted-types-for 'script'`. Typed as a string because
 * the DOM typings do not know TrustedScriptURL at these places; browsers without Trusted Types get the checked string.
 * @throws TypeError when it is not the address of a worker of ours
 */
export function trustedScriptUrl(url: string): string {
  policy ??= createPolicy({ createScriptURL: (candidate) => checkWorkerUrl(candidate, document.baseURI) });
  return policy.createScriptURL(url);
}

function createPolicy(rules: ScriptUrlPolicy): ScriptUrlPolicy {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory?.createPolicy('kith', rules) ?? rules;
}
