import type { IncomingHttpHeaders } from 'node:http';
import type { RouteAccess } from '../../../shared/contracts/people-api.ts';
import { isAllowed } from '../../../shared/contracts/people-api.ts';
import type { Callers, SignedIn } from '../people/callers.ts';
import { Refusal } from '../refusal.ts';

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

/** Who asks: by a token or the cookie of a session; null = nobody. */
export function callerOf(headers: IncomingHttpHeaders, cookieName: string, callers: Callers): SignedIn | null {
  const bearer = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(headers.authorization ?? '')?.[1];
  const cookie = cookieOf(headers, cookieName);
  return (
    (bearer === undefined ? null : callers.ofBearer(bearer)) ?? (cookie === null ? null : callers.ofCookie(cookie))
  );
}

export function requireSignedIn(signedIn: SignedIn | null): SignedIn {
  if (signedIn !== null) return signedIn;
  throw new Refusal(
    'not-signed-in',
    'Sign in with name and password, with a token, or with a one-time link: `fanout serve` prints one.',
  );
}

export function requireAccess({ name, role }: SignedIn, access: RouteAccess): void {
  if (isAllowed(role, access)) return;
  throw new Refusal('forbidden', `${name} may not do this: it needs the role or scope "${access}".`);
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return value;
  }
  return null;
}
