import type { IncomingHttpHeaders } from 'node:http';
import type { RouteAccess } from '../../../shared/contracts/people-api.ts';
import { isAllowed } from '../../../shared/contracts/people-api.ts';
import { Refusal } from '../refusal.ts';
import type { Sessions, SignedIn } from './sessions.ts';

/**
 * Host and Origin, checked on every request and WebSocket: a page of another site, or a name that somebody points at
 * 127.0.0.1 (DNS rebinding), must not reach the console with the browser's cookie.
 */
export function refuseForeign(headers: IncomingHttpHeaders, allowedHosts: ReadonlySet<string>): void {
  if (!allowedHosts.has(headers.host ?? '')) {
    throw new Refusal('forbidden-host', 'The console answers under its own address only.');
  }
  const { origin } = headers;
  if (origin === undefined) return;
  if (!origin.startsWith('http://') || !allowedHosts.has(origin.slice('http://'.length))) {
    throw new Refusal('forbidden-origin', 'Another page may not use the console.');
  }
}

/** Who asks: by the token of the command line or the cookie of a session; throws a `Refusal` for nobody. */
export function requireSession(headers: IncomingHttpHeaders, cookieName: string, sessions: Sessions): SignedIn {
  const bearer = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(headers.authorization ?? '')?.[1];
  const cookie = cookieOf(headers, cookieName);
  const signedIn =
    (bearer === undefined ? null : sessions.ofBearer(bearer)) ?? (cookie === null ? null : sessions.ofCookie(cookie));
  if (signedIn !== null) return signedIn;
  throw new Refusal(
    'not-signed-in',
    'Sign in with a one-time link: it is printed when the server starts, and `fanout serve` prints a new one.',
  );
}

export function requireAccess({ name, role }: SignedIn, access: RouteAccess): void {
  if (isAllowed(role, access)) return;
  throw new Refusal('forbidden', `${name} may not do this: it needs the role or scope "${access}".`);
}

export function cookieOf(headers: IncomingHttpHeaders, name: string): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return null;
}
