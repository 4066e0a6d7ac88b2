import type { DesktopBridge } from '../../shared/contracts/desktop-bridge.ts';

declare global {
  interface Window {
    /** Put there by the desktop application's preload script. */
    readonly fanoutDesktop?: DesktopBridge<File>;
  }
}

/** The native abilities of the desktop window; null in a browser, which does without them. */
export const desktopBridge: DesktopBridge<File> | null = window.fanoutDesktop ?? null;
