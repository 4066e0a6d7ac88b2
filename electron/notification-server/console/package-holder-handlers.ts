import type { RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import { maximumHoldersShown } from '../../../shared/contracts/package-holders.ts';
import { forEachAgent } from '../agents/agent-turns.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { sortedInTurns } from './sorted-in-turns.ts';
import { isOnDisk } from './tally.ts';

type Holder = RouteAnswer<'packageHolders'>['holders'][number];

/** Who has a package, by what the agents told; nobody is asked for it. */
export function packageHolderHandlers(parts: HandlerParts): Pick<ConsoleHandlers, 'packageHolders'> {
  const { organisation, directory, resolver, feeds } = parts;
  return {
    packageHolders: async ({ params: { guid, version } }) => {
      const stored = organisation.packageVersion(guid, version);
      if (stored === null) throw new Refusal('not-found', 'There is no such package version.');
      const found: Holder[] = [];
      const counts = { complete: 0, packageServers: 0 };
      await forEachAgent(directory, (record) => {
        const progress = record.packages.get(stored.key);
        // Whoever heard that it is withdrawn deletes it.
        if (progress === undefined || (progress.state === 'withdrawn' && progress.blocks === 0)) return;
        const { agentId, name, address } = record;
        const isPackageServer = organisation.packageServers.has(agentId);
        if (isOnDisk(progress.state)) {
          counts.complete++;
          if (isPackageServer) counts.packageServers++;
        }
        const { state, blocks, blockCount, detail, atMs: sinceMs } = progress;
        const siteName = resolver.resolve(record).site?.name ?? null;
        const online = feeds.isOnline(agentId);
        found.push({
          ...{ agentId, name, address, siteName, online, isPackageServer },
          ...{ state, blocks, blockCount, detail, sinceMs },
        });
      });
      const sorted = await sortedInTurns(found, (a, b) => a.name < b.name);
      return { holders: sorted.slice(0, maximumHoldersShown), agents: found.length, ...counts };
    },
  };
}
