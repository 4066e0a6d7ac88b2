import { expect, it } from 'vitest';
import { type MenuActions, menuTemplate } from '../../electron/main/menu-template.ts';
import { consoleMenuPages } from '../../shared/contracts/console-pages.ts';
import { type DesktopSession, desktopDeeds } from '../../shared/contracts/desktop-bridge.ts';

function recorded() {
  const calls: string[] = [];
  const actions: MenuActions = {
    open: (path) => calls.push(`open ${path}`),
    do: (deed) => calls.push(`do ${deed}`),
    showDocumentation: () => calls.push('documentation'),
    quit: () => calls.push('quit'),
  };
  return { calls, actions };
}

function itemsOf(session: DesktopSession, actions: MenuActions, isMac = false) {
  return menuTemplate(session, actions, isMac).flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
}

const administrator: DesktopSession = { isSignedIn: true, deeds: [...desktopDeeds] };

it.each([false, true])(
  'has each page of the navigation, Preferences, documentation, About and Quit once (macOS: %s)',
  (isMac) => {
    const { calls, actions } = recorded();
    for (const { click } of itemsOf(administrator, actions, isMac)) (click as (() => void) | undefined)?.();
    expect(calls.sort()).toEqual(
      [
        ...consoleMenuPages.map(({ path }) => `open ${path}`),
        ...desktopDeeds.map((deed) => `do ${deed}`),
        'open /desktop',
        'open /about',
        'documentation',
        'quit',
      ].sort(),
    );
  },
);

it('gives no key to two items', () => {
  for (const isMac of [false, true]) {
    const keys = itemsOf(administrator, recorded().actions, isMac).flatMap(({ accelerator }) =>
      typeof accelerator === 'string' ? [accelerator.replace('Ctrl', 'CmdOrCtrl').replace('CmdOrCmdOr', 'CmdOr')] : [],
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThan(10);
  }
});

it('offers helpdesk pages, and nothing that it may not do', () => {
  const { calls, actions } = recorded();
  const items = itemsOf({ isSignedIn: true, deeds: [] }, actions).filter(({ enabled }) => enabled !== false);
  for (const { click } of items) (click as (() => void) | undefined)?.();
  expect(calls).toContain('open /agents');
  expect(calls.filter((call) => call.startsWith('do '))).toEqual([]);
});

it('offers somebody who is not signed in the documentation and the way out', () => {
  const { calls, actions } = recorded();
  const items = itemsOf({ isSignedIn: false, deeds: [...desktopDeeds] }, actions);
  for (const { click, enabled } of items) if (enabled !== false) (click as (() => void) | undefined)?.();
  expect(calls.sort()).toEqual(['documentation', 'quit']);
});
