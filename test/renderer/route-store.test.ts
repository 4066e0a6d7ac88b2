import { beforeEach, expect, it } from 'vitest';
import {
  type AddressBar,
  connectAddressBar,
  guardLeaving,
  type LeaveGuard,
  leaveAnyway,
  navigate,
  pathOfHash,
  routeStore,
  stay,
  takeAddress,
} from '../../renderer/stores/route-store.ts';

class RecordedBar implements AddressBar {
  readonly pushed: string[] = [];
  readonly replaced: string[] = [];
  read(): string {
    return '/overview';
  }
  push(path: string): void {
    this.pushed.push(path);
  }
  replace(path: string): void {
    this.replaced.push(path);
  }
}
let bar = new RecordedBar();
const releases: (() => void)[] = [];
const guard = (keeps: LeaveGuard) => releases.push(guardLeaving(keeps));

beforeEach(() => {
  bar = new RecordedBar();
  connectAddressBar(bar);
  for (const release of releases.splice(0)) release();
});

it('opens the Overview where the address names no page', () => {
  expect([pathOfHash(''), pathOfHash('#/'), pathOfHash('#/agents')]).toEqual(['/overview', '/overview', '/agents']);
});

it('holds a page back while changes are unsaved, and restores the address', () => {
  guard((path) => path.startsWith('/overview'));
  takeAddress('/agents');
  expect(routeStore.getState()).toEqual({ path: '/overview', heldPath: '/agents' });
  expect(bar.replaced).toEqual(['/overview']);
});

it('stays where the person wants to stay', () => {
  guard(() => false);
  navigate('/agents');
  stay();
  expect(routeStore.getState()).toEqual({ path: '/overview', heldPath: null });
  expect(bar.pushed).toEqual([]);
});

it('goes to the held page when the person gives the changes up', () => {
  guard(() => false);
  navigate('/agents');
  leaveAnyway();
  expect(routeStore.getState()).toEqual({ path: '/agents', heldPath: null });
  expect(bar.pushed).toEqual(['/agents']);
});

it('asks the editor below as well while a dialog over it is open', () => {
  guard((path) => path.startsWith('/overview'));
  const release = guardLeaving(() => true);
  navigate('/agents');
  expect(routeStore.getState().heldPath).toBe('/agents');
  stay();
  release();
  navigate('/agents');
  expect(routeStore.getState().heldPath).toBe('/agents');
});
