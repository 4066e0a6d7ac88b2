import { z } from 'zod';
import { desktopChannelNames } from './desktop-channels.ts';

/**
 * What the desktop application adds to the console: `window.fanoutDesktop`, there only in the main frame of the console's own
 * origin in the Electron window, never in a browser. Everything else the console does, it does through `/api/v1`.
 */

export const importKindSchema = z.enum(['file', 'folder']);
export type ImportKind = z.infer<typeof importKindSchema>;

export const desktopDescriptionSchema = z.object({
  productVersion: z.string(),
  /** As Node names it: `linux`, `darwin`, `win32`. */
  platform: z.string(),
  electronVersion: z.string(),
  chromiumVersion: z.string(),
});
export type DesktopDescription = z.infer<typeof desktopDescriptionSchema>;

/** One channel per ability: the main process parses the request, the preload script passes it on. */
export const desktopChannels = {
  describe: { channel: desktopChannelNames.describe, request: z.tuple([]), answer: desktopDescriptionSchema },
  chooseImportPath: {
    channel: desktopChannelNames.chooseImportPath,
    request: z.tuple([importKindSchema]),
    answer: z.string().nullable(),
  },
} as const;

/** `DroppedFile` is the DOM's `File`; this layer knows no DOM. */
export interface DesktopBridge<DroppedFile> {
  describe(): Promise<DesktopDescription>;
  /** Lets the person choose in the system's own dialog; null where it was cancelled. */
  chooseImportPath(kind: ImportKind): Promise<string | null>;
  /** Where a file or folder that was dropped on the window lies on this computer; null where it is not a file on disk. */
  pathOfDroppedFile(file: DroppedFile): string | null;
}
