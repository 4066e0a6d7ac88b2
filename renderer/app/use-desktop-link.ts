import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { isConsolePage } from '../../shared/contracts/console-pages.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import {
  type DesktopCommand,
  type DesktopDeed,
  type DesktopSession,
  desktopDeeds,
} from '../../shared/contracts/desktop-bridge.ts';
import { isAllowed } from '../../shared/contracts/people-api.ts';
import { desktopBridge } from '../api/desktop-bridge.ts';
import { theme } from '../services.ts';
import { requestDeed } from '../stores/desktop-deed-store.ts';
import { navigate, routeStore } from '../stores/route-store.ts';
import { type SessionState, sessionStore } from '../stores/session-store.ts';

/** Which page does what the menu asks for, and the route that it may not be without. */
const places = {
  'import-package': { path: '/packages', route: 'startImport' },
  'new-delivery': { path: '/deliveries', route: 'createDelivery' },
  'back-up': { path: '/about', route: 'startBackup' },
} as const satisfies Record<DesktopDeed, { path: string; route: keyof typeof consoleRoutes }>;

/** In the desktop application: does what its menu, tray, notifications and links ask for, and tells it who is signed in. */
export function useDesktopLink(): void {
  const { state } = useStore(sessionStore);
  const choice = useStore(theme.store, (current) => current.choice);
  useEffect(() => desktopBridge?.onCommand(follow), []);
  useEffect(() => void desktopBridge?.tellSession(told(state)), [state]);
  const toldChoice = useRef(choice);
  useEffect(() => {
    // What is remembered here is not news: the window has begun with what it remembers itself.
    if (toldChoice.current === choice) return;
    toldChoice.current = choice;
    void desktopBridge?.changePreferences({ theme: choice });
  }, [choice]);
}

function follow(command: DesktopCommand): void {
  const path = command.kind === 'open' ? command.path : places[command.deed].path;
  if (!isConsolePage(path)) return;
  navigate(path);
  // Where changes were not saved, the person is asked first, and may stay.
  if (command.kind === 'do' && routeStore.getState().path === path) requestDeed(command.deed);
}

function told(state: SessionState): DesktopSession {
  if (state.kind !== 'signed-in') return { isSignedIn: false, deeds: [] };
  const may = (deed: DesktopDeed) => isAllowed(state.session.role, consoleRoutes[places[deed].route].access);
  return { isSignedIn: true, deeds: desktopDeeds.filter(may) };
}
