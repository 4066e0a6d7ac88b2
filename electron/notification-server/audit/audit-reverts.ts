import { differences } from '../../../shared/base/differences.ts';
import type { AuditEntry } from '../../../shared/contracts/audit-api.ts';
import { maximumChangesNamed } from '../../../shared/contracts/audit-api.ts';
import { auditEntries, auditEntry, insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { OrganisationPart } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import { assignmentRevert } from './assignment-reverts.ts';
import { channelPackagesRevert, channelRevert, channelSubscribersRevert } from './channel-reverts.ts';
import { agentPackageRevert, plugInPolicyRevert, siteSettingsOrderRevert, siteSettingsRevert } from './page-reverts.ts';
import { policyOrderRevert, policyRevert } from './policy-reverts.ts';
import type { WrittenChange } from './request-changes.ts';
import type { RevertContext, Revertible } from './revertible.ts';
import { siteRevert } from './site-reverts.ts';

interface RevertStep {
  readonly part: OrganisationPart;
  readonly run: (entry: AuditEntry, context: RevertContext) => Promise<void>;
}

function stepOf<Known>(revertible: Revertible<Known>): RevertStep {
  return { part: revertible.part, run: (entry, context) => revertOne(revertible, entry, context) };
}

const policy = stepOf(policyRevert);
const policyOrder = stepOf(policyOrderRevert);
const agentPackage = stepOf(agentPackageRevert);
const plugInPolicy = stepOf(plugInPolicyRevert);
const site = stepOf(siteRevert);
const siteSettings = stepOf(siteSettingsRevert);
const siteSettingsOrder = stepOf(siteSettingsOrderRevert);
const assignment = stepOf(assignmentRevert);
const channel = stepOf(channelRevert);
const channelPackages = stepOf(channelPackagesRevert);
const channelSubscribers = stepOf(channelSubscribersRevert);

/** Which changes can be taken back, by the action that the audit trail names. A change back is such a change itself. */
const steps: ReadonlyMap<string, RevertStep> = new Map([
  ['create-policy', policy],
  ['update-policy', policy],
  ['delete-policy', policy],
  ['import-policy', policy],
  ['revert-policy', policy],
  ['order-policies', policyOrder],
  ['revert-policy-order', policyOrder],
  ['update-agent-package', agentPackage],
  ['revert-agent-package', agentPackage],
  ['update-plug-in-policy', plugInPolicy],
  ['revert-plug-in-policy', plugInPolicy],
  ['create-site', site],
  ['update-site', site],
  ['delete-site', site],
  ['revert-site', site],
  ['create-site-settings', siteSettings],
  ['update-site-settings', siteSettings],
  ['delete-site-settings', siteSettings],
  ['revert-site-settings', siteSettings],
  ['order-site-settings', siteSettingsOrder],
  ['revert-site-settings-order', siteSettingsOrder],
  ['assign-package', assignment],
  ['revert-package-assignment', assignment],
  ['create-channel', channel],
  ['update-channel', channel],
  ['delete-channel', channel],
  ['revert-channel', channel],
  ['add-channel-package', channelPackages],
  ['remove-channel-package', channelPackages],
  ['import-channel-manifest', channelPackages],
  ['revert-channel-packages', channelPackages],
  ['subscribe-channel', channelSubscribers],
  ['unsubscribe-channel', channelSubscribers],
  ['revert-channel-subscribers', channelSubscribers],
]);

export function canRevert({ action }: Pick<AuditEntry, 'action'>): boolean {
  return steps.has(action);
}

/** The entries to take back, the newest first, for the answer's header; null where not all of it can be taken back. */
export function changesToName(changes: readonly WrittenChange[]): string | null {
  if (changes.length === 0 || changes.length > maximumChangesNamed || !changes.every(canRevert)) return null;
  return changes
    .map(({ id }) => id)
    .toReversed()
    .join(',');
}

/**
 * Takes a change back and gives the entry of doing so. Refuses where the result of the change is not what holds now, and
 * says what changed since.
 */
export async function revertChange(parts: ServerParts, id: number, who: string): Promise<AuditEntry> {
  const atMs = parts.now();
  const reverted = await parts.writes.write(async (transaction) => {
    const entry = await auditEntry(transaction, id);
    if (entry === null) throw new Refusal('not-found', 'The audit trail has no such entry.');
    const step = steps.get(entry.action);
    if (step === undefined) {
      throw new Refusal('not-available', `A change of this kind ("${entry.action}") cannot be taken back.`);
    }
    await step.run(entry, { transaction, who, atMs });
    const [made] = await auditEntries(transaction, { limit: 1 });
    return { made, part: step.part };
  });
  await parts.organisation.reload(reverted.part);
  if (reverted.made === undefined) throw new Refusal('not-found', 'The audit trail lost its newest entry.');
  return reverted.made;
}

async function revertOne<Known>(
  revertible: Revertible<Known>,
  { id, action, subject, before, after }: AuditEntry,
  context: RevertContext,
): Promise<void> {
  const wanted = revertible.read(before);
  const result = revertible.read(after);
  const about = result ?? wanted;
  if (about === null || (before !== null && wanted === null) || (after !== null && result === null)) {
    throw new Refusal('not-available', 'What this entry holds was written by another version and cannot be read.');
  }
  const present = await revertible.present(context, about);
  const essenceOf = (known: Known | null): unknown => (known === null ? null : revertible.essence(known));
  const changed = differences(essenceOf(result), essenceOf(present));
  if (changed.length > 0) throw changedSince(subject, changed, present);
  const stored = await revertible.restore(context, wanted, present);
  await insertAuditEntry(context.transaction, {
    atMs: context.atMs,
    who: context.who,
    action: action.startsWith('revert-') ? action : `revert-${revertible.noun}`,
    subject,
    before: present,
    after: stored,
    reverts: id,
  });
}

function changedSince(subject: string, changed: readonly string[], present: unknown): Refusal {
  const isWhole = changed.includes('');
  const what = isWhole ? (present === null ? 'it was deleted' : 'it is there again') : changed.join(', ');
  const message = `"${subject}" changed since: ${what}. Take the later changes back first.`;
  const fields = isWhole ? [] : changed.map((path) => ({ path, message: 'Changed since.' }));
  return new Refusal('version-conflict', message, { fields, current: present });
}
