import { siteSchema } from '../../../shared/contracts/sites-api.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { deleteSite, loadSites, saveSites } from '../../database/stores/site-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { Refusal } from '../refusal.ts';
import { refuseMentionedSite } from '../sites/mentions.ts';
import { problemsOfSites, refuseProblems } from '../sites/site-changes.ts';
import type { Revertible } from './revertible.ts';

const storedSiteSchema = siteSchema.omit({ agents: true });

/** Sites that were moved when the one above them was deleted stay where they are when it comes back. */
export const siteRevert: Revertible<StoredSite> = {
  noun: 'site',
  part: 'sites',
  read: (state) => storedSiteSchema.safeParse(state).data ?? null,
  present: async ({ transaction }, { id }) => (await loadSites(transaction)).find((site) => site.id === id) ?? null,
  essence: ({ version: _version, updatedAtMs: _updatedAtMs, updatedBy: _updatedBy, ...what }) => what,
  restore: async ({ transaction, who, atMs }, wanted, present) => {
    if (wanted === null) {
      if (present !== null) {
        await refuseWhereNeeded(transaction, present);
        await deleteSite(transaction, present.id);
      }
      return null;
    }
    const version = (present?.version ?? wanted.version) + 1;
    const site = { ...wanted, version, updatedAtMs: atMs, updatedBy: who };
    // Others may have taken its name, its subnets or the place above it meanwhile.
    const others = (await loadSites(transaction)).filter(({ id }) => id !== site.id);
    refuseProblems(problemsOfSites([site], others));
    await saveSites(transaction, [site]);
    return site;
  },
};

async function refuseWhereNeeded(transaction: WriteTransaction, { id, name }: StoredSite): Promise<void> {
  const below = (await loadSites(transaction)).find(({ parentId }) => parentId === id);
  if (below !== undefined) throw new Refusal('conflict', `"${below.name}" is below "${name}" now. Move it first.`);
  await refuseMentionedSite(transaction, { id, name });
}
