import { z } from 'zod';
import { desktopChannelNames } from './desktop-channels.ts';
import {
  type DesktopPreferenceChanges,
  type DesktopPreferences,
  desktopPreferenceChangesSchema,
  desktopPreferencesSchema,
} from './desktop-preferences.ts';

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
  /** Whether the system shows notifications at all. */
  hasNotifications: z.boolean(),
});
export type DesktopDescription = z.infer<typeof desktopDescriptionSchema>;

/** What the menu can ask of the console besides showing a page. */
export const desktopDeeds = ['import-package', 'new-delivery', 'back-up'] as const;
export const desktopDeedSchema = z.enum(desktopDeeds);
export type DesktopDeed = z.infer<typeof desktopDeedSchema>;

/** From the main process to the console. */
export type DesktopCommand =
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'do'; readonly deed: DesktopDeed };

/** What the console tells the menu, which offers nothing that would be refused. */
export const desktopSessionSchema = z.object({
  isSignedIn: z.boolean(),
  /** What whoever is signed in may do. */
  deeds: z.array(desktopDeedSchema).max(desktopDeeds.length),
});
export type DesktopSession = z.infer<typeof desktopSessionSchema>;

/** What an administrator can have done about updates, one step after the other. */
export const updateStepSchema = z.enum(['check', 'download', 'install']);
export type UpdateStep = z.infer<typeof updateStepSchema>;

export const updateStateSchema = z.discriminatedUnion('kind', [
  /** No feed is set. */
  z.object({ kind: z.literal('off') }),
  /** Nobody has asked since the start. */
  z.object({ kind: z.literal('unknown') }),
  z.object({ kind: z.literal('checking') }),
  z.object({ kind: z.literal('newest') }),
  /** `obstacle`: why this copy cannot replace itself; '' where it can. */
  z.object({ kind: z.literal('available'), version: z.string(), obstacle: z.string() }),
  z.object({ kind: z.literal('downloading'), version: z.string(), percent: z.number().min(0).max(100) }),
  z.object({ kind: z.literal('downloaded'), version: z.string() }),
  z.object({ kind: z.literal('installing'), version: z.string() }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
]);
export type UpdateState = z.infer<typeof updateStateSchema>;

/** One channel per ability: the main process parses the request, the preload script passes it on. */
export const desktopChannels = {
  describe: { channel: desktopChannelNames.describe, request: z.tuple([]), answer: desktopDescriptionSchema },
  chooseImportPath: {
    channel: desktopChannelNames.chooseImportPath,
    request: z.tuple([importKindSchema]),
    answer: z.string().nullable(),
  },
  chooseBackupFolder: {
    channel: desktopChannelNames.chooseBackupFolder,
    request: z.tuple([]),
    answer: z.string().nullable(),
  },
  tellSession: { channel: desktopChannelNames.tellSession, request: z.tuple([desktopSessionSchema]), answer: z.null() },
  preferences: { channel: desktopChannelNames.preferences, request: z.tuple([]), answer: desktopPreferencesSchema },
  updates: { channel: desktopChannelNames.updates, request: z.tuple([]), answer: updateStateSchema },
  update: { channel: desktopChannelNames.update, request: z.tuple([updateStepSchema]), answer: updateStateSchema },
  changePreferences: {
    channel: desktopChannelNames.changePreferences,
    request: z.tuple([desktopPreferenceChangesSchema]),
    answer: desktopPreferencesSchema,
  },
} as const;

/** `DroppedFile` is the DOM's `File`; this layer knows no DOM. */
export interface DesktopBridge<DroppedFile> {
  describe(): Promise<DesktopDescription>;
  /** Lets the person choose in the system's own dialog; null where it was cancelled. */
  chooseImportPath(kind: ImportKind): Promise<string | null>;
  /** A folder of its own for a backup, named by the day, below the one that the person chooses; null where it was cancelled. */
  chooseBackupFolder(): Promise<string | null>;
  /** Where a file or folder that was dropped on the window lies on this computer; null where it is not a file on disk. */
  pathOfDroppedFile(file: DroppedFile): string | null;
  tellSession(session: DesktopSession): Promise<null>;
  preferences(): Promise<DesktopPreferences>;
  updates(): Promise<UpdateState>;
  /** Begins a step; rejects where whoever is signed in may not. How it goes on is asked with `updates`. */
  update(step: UpdateStep): Promise<UpdateState>;
  /** The answer is what holds now. Where updates come from only administrators change. */
  changePreferences(changes: DesktopPreferenceChanges): Promise<DesktopPreferences>;
  /** The answer stops listening. */
  onCommand(listener: (command: DesktopCommand) => void): () => void;
}
