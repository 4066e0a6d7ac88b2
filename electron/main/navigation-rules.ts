/** What the window may load and what may leave it: pure decisions, so that each can be tested without a window. */

export type NavigationDecision = 'allow' | 'refuse' | 'offer-system-browser';

/**
 * A page or frame wants to go to `url`. Only the console's own origin is ever loaded; what a person may want to read
 * elsewhere (https only) is offered to the system's browser.
 */
export function decideNavigation(url: string, consoleOrigin: string): NavigationDecision {
  const target = parseUrl(url);
  if (target === null) return 'refuse';
  if (target.origin === consoleOrigin) return 'allow';
  return isForSystemBrowser(target) ? 'offer-system-browser' : 'refuse';
}

/** A page wants a new window: there is none, not even for the console itself. */
export function decideNewWindow(url: string, consoleOrigin: string): Exclude<NavigationDecision, 'allow'> {
  const decision = decideNavigation(url, consoleOrigin);
  return decision === 'allow' ? 'refuse' : decision;
}

/** Everything the window fetches: its own origin over HTTP and WebSocket, and what never leaves the process. */
export function isAllowedRequest(url: string, consoleOrigin: string): boolean {
  const target = parseUrl(url);
  if (target === null) return false;
  if (['blob:', 'data:', 'devtools:'].includes(target.protocol)) return true;
  return target.origin === consoleOrigin || target.origin === consoleOrigin.replace(/^http/, 'ws');
}

/**
 * Nothing but writing plain content to the clipboard, which Chromium asks about when somebody presses "Copy" in the console.
 */
export function isAllowedPermission(permission: string, requestingOrigin: string, consoleOrigin: string): boolean {
  return permission === 'clipboard-sanitized-write' && parseUrl(requestingOrigin)?.origin === consoleOrigin;
}

/** No credentials in the address: they are how one site is made to look like another. */
function isForSystemBrowser(target: URL): boolean {
  return target.protocol === 'https:' && target.username === '' && target.password === '';
}

function parseUrl(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
