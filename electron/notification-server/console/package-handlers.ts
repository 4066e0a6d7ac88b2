import type { PackageGuid } from '../../../shared/base/ids.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { markWithdrawn } from '../../database/stores/package-store.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { receiveUpload } from './upload.ts';

type PackageRoutes = 'packages' | 'withdrawPackage' | 'imports' | 'startImport' | 'uploadImport' | 'cancelImport';

export function packageHandlers(parts: HandlerParts): Pick<ConsoleHandlers, PackageRoutes> {
  const { organisation, views, imports } = parts;
  const stored = (guid: PackageGuid, version: string): StoredPackage => {
    const found = organisation.packageVersion(guid, version);
    if (found === null) throw new Refusal('not-found', 'There is no such package version.');
    return found;
  };

  return {
    packages: () => views.packages(),

    withdrawPackage: async ({ params: { guid, version }, signedIn }) => {
      const before = stored(guid, version);
      if (before.withdrawnAtMs === null) {
        const after = { ...before, withdrawnAtMs: parts.now() };
        const subject = `${before.name} ${version}`;
        const change = { who: signedIn.name, action: 'withdraw-package', subject, before, after };
        await writeAudited(parts, change, (transaction) => markWithdrawn(transaction, before.key, after.withdrawnAtMs));
        await organisation.reload('packages');
        parts.blocks.breakOff(before.key);
        parts.contents.breakOff(before.key);
        const withdrawal = parts.identity.signWithdrawal(before.key);
        for (const { agentId } of parts.feeds.online()) parts.feeds.send(agentId, { kind: 'withdraw', ...withdrawal });
      }
      return views.package(stored(guid, version));
    },

    imports: () => imports.list(),
    startImport: ({ body, signedIn }) => imports.start(body, signedIn.name),
    uploadImport: ({ query, request, signedIn }) => receiveUpload(parts, query, request, signedIn.name),
    cancelImport: ({ params: { id } }) => {
      imports.cancel(id);
    },
  };
}
