import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { DesktopDeed } from '../../shared/contracts/desktop-bridge.ts';
import { desktopDeedStore, takeDeed } from '../stores/desktop-deed-store.ts';

/** Runs `act` when the deed is chosen in the menu, also where the page was opened for it. */
export function useDesktopDeed(deed: DesktopDeed, act: () => void): void {
  const requested = useStore(desktopDeedStore, (state) => state.deed);
  useEffect(() => {
    if (requested === deed && takeDeed(deed)) act();
  }, [requested, deed, act]);
}
