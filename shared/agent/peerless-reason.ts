import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { PackageManifest } from './ports.ts';

/** Why peers have no part in the download of a package, or null where they have. */
export function peerlessReason(
  { settings, conditions }: AgentContext,
  manifest: PackageManifest,
): JournalReason | null {
  if (!settings.peerDownloading) return conditions.exception === null ? 'peer-downloading-off' : 'excepted';
  if (manifest.totalSizeBytes < settings.minPeerPackageBytes) return 'below-minimum-size';
  return null;
}
