import { createStore } from 'zustand/vanilla';

/** The page that is open, after `#`. */
export interface RouteState {
  readonly path: string;
  /** Where the person wanted to go while changes were unsaved; they are being asked. */
  readonly heldPath: string | null;
}

/** What has to be asked before leaving: true for paths that keep the changes on the screen. */
export type LeaveGuard = (path: string) => boolean;

/** The part of the browser that holds the address. */
export interface AddressBar {
  read(): string;
  push(path: string): void;
  replace(path: string): void;
}

export const routeStore = createStore<RouteState>(() => ({ path: '/overview', heldPath: null }));

let addressBar: AddressBar | null = null;
/** An editor, and a dialog over it: all of them are asked. */
let guards: readonly LeaveGuard[] = [];

export function pathOfHash(hash: string): string {
  const path = hash.replace(/^#/, '');
  return path === '' || path === '/' ? '/overview' : path;
}

export function connectAddressBar(bar: AddressBar): void {
  addressBar = bar;
  routeStore.setState({ path: bar.read(), heldPath: null });
}

/** The address changed: by a link, by Back, or typed. */
export function takeAddress(path: string): void {
  const current = routeStore.getState().path;
  if (path === current) return;
  if (guards.some((keeps) => !keeps(path))) {
    addressBar?.replace(current);
    routeStore.setState({ heldPath: path });
    return;
  }
  routeStore.setState({ path, heldPath: null });
}

export function navigate(path: string): void {
  const before = routeStore.getState().path;
  takeAddress(path);
  if (routeStore.getState().path !== before) addressBar?.push(path);
}

/** Like `navigate`, without a step for Back: for addresses that only name what is shown already. */
export function replacePath(path: string): void {
  routeStore.setState({ path });
  addressBar?.replace(path);
}

/** The answer removes the guard. */
export function guardLeaving(next: LeaveGuard): () => void {
  guards = [...guards, next];
  return () => {
    guards = guards.filter((guard) => guard !== next);
  };
}

export function stay(): void {
  routeStore.setState({ heldPath: null });
}

export function leaveAnyway(): void {
  const { heldPath } = routeStore.getState();
  guards = [];
  if (heldPath !== null) navigate(heldPath);
}
