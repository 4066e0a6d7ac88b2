import { createStore } from 'zustand/vanilla';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { Session } from '../../shared/contracts/people-api.ts';
import { callConsole, messageOf } from '../api/console-client.ts';

export type SessionState =
  | { readonly kind: 'checking' }
  | { readonly kind: 'signed-in'; readonly session: Session }
  /** `problem`: why a link did not work or a session ended; null where nobody tried. */
  | { readonly kind: 'signed-out'; readonly problem: string | null }
  | { readonly kind: 'unreachable'; readonly problem: string };

export const sessionStore = createStore<{ readonly state: SessionState }>(() => ({ state: { kind: 'checking' } }));

function become(state: SessionState): void {
  sessionStore.setState({ state });
}

function stateOfFailure(error: unknown, isSigningIn: boolean): SessionState {
  if (error instanceof ConsoleRequestError && error.status === 0) {
    return { kind: 'unreachable', problem: error.message };
  }
  return { kind: 'signed-out', problem: isSigningIn ? messageOf(error) : null };
}

/** Finds out who is signed in; a token from a sign-in link is used up first. */
export async function openSession(token: string | null): Promise<void> {
  become({ kind: 'checking' });
  try {
    const session =
      token === null ? await callConsole('session', {}) : await callConsole('signIn', { body: { token } });
    become({ kind: 'signed-in', session });
  } catch (error) {
    if (token !== null && (await isSignedInAlready())) return;
    become(stateOfFailure(error, token !== null));
  }
}

/**
 * Signs in with name and password. The answer says why that did not work, or null where it did; the page stays what it
 * is meanwhile, so that nothing that was typed is lost.
 */
export async function signInWithPassword(name: string, password: string): Promise<string | null> {
  try {
    become({ kind: 'signed-in', session: await callConsole('signInWithPassword', { body: { name, password } }) });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** A used link opened again in a browser that is signed in is no reason to turn the person away. */
async function isSignedInAlready(): Promise<boolean> {
  try {
    become({ kind: 'signed-in', session: await callConsole('session', {}) });
    return true;
  } catch {
    return false; // the problem with the link is what the person has to hear
  }
}

/** Called when the feed was lost: tells a session that has ended from a server that is away. */
export async function checkSession(): Promise<void> {
  try {
    await callConsole('session', {});
  } catch (error) {
    if (!(error instanceof ConsoleRequestError) || error.status !== 401) return;
    become({ kind: 'signed-out', problem: 'Your session has ended. Sign in again.' });
  }
}

export async function signOut(): Promise<void> {
  await callConsole('signOut', {});
  become({ kind: 'signed-out', problem: null });
}

/**
 * The one-time token of a sign-in link: `…/sign-in#token=…` or `…?token=…`. Null where the address has none.
 * The caller takes it out of the address, so that it does not stay in the history.
 */
export function tokenOfAddress(address: URL): string | null {
  const fromHash = new URLSearchParams(address.hash.replace(/^#\/?(sign-in\?)?/, '')).get('token');
  return fromHash ?? address.searchParams.get('token');
}
