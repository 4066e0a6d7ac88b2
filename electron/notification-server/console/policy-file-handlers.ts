import { randomUUID } from 'node:crypto';
import { differences } from '../../../shared/base/differences.ts';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { PolicyFile, PolicyImport } from '../../../shared/contracts/policy-file.ts';
import { policyFileVersion } from '../../../shared/contracts/policy-file.ts';
import type { KnownNames, TargetProblem } from '../../../shared/server/portable-targets.ts';
import { exportedTarget, importedTarget } from '../../../shared/server/portable-targets.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { StoredPolicy } from '../../database/stores/policy-store.ts';
import { insertPolicy, updatePolicy } from '../../database/stores/policy-store.ts';
import { noteChange } from '../audit/request-changes.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

interface PlannedSave {
  /** Null = a new policy. */
  readonly before: StoredPolicy | null;
  readonly after: StoredPolicy;
  readonly changed: readonly string[];
}

/** Rolls everything back: somebody saved one of the policies meanwhile. */
class StaleVersionError extends Error {}

/** Policies as files: they move between servers, and into version control. */
export function policyFileHandlers(parts: HandlerParts): Pick<ConsoleHandlers, 'exportPolicies' | 'importPolicies'> {
  const { organisation } = parts;
  return {
    exportPolicies: ({ query }) => {
      const wanted = query.ids === undefined ? null : new Set(query.ids.split(','));
      const stored = organisation.policies.map((policy) => policy.stored);
      const chosen = wanted === null ? stored : stored.filter(({ id }) => wanted.delete(id));
      const [missing] = wanted ?? [];
      if (missing !== undefined) throw new Refusal('not-found', `There is no policy with the id "${missing}".`);
      const names = namesOf(parts);
      return {
        format: 'fanout-policies',
        version: policyFileVersion,
        exportedAtMs: parts.now(),
        policies: chosen.map(({ name, isGlobal, target, settings }) => {
          return { name, isGlobal, target: exportedTarget(target, names), settings };
        }),
      };
    },

    importPolicies: async ({ body: { file, dryRun }, signedIn: { name: who } }) => {
      const saves = plannedSaves(parts, file, who);
      if (!dryRun) await write(parts, saves, who);
      return answerOf(saves, dryRun);
    },
  };
}

/** Sites and agents by name, looked up once for the whole file. */
function namesOf({ organisation, directory }: HandlerParts): KnownNames {
  const siteIds = new Map<string, string[]>();
  for (const { id, name } of organisation.sites) siteIds.set(name, [...(siteIds.get(name) ?? []), id]);
  let agentIds: Map<string, AgentId[]> | null = null;
  const byAgentName = (): Map<string, AgentId[]> => {
    if (agentIds !== null) return agentIds;
    agentIds = new Map();
    for (const { agentId, name } of directory.all()) {
      const known = agentIds.get(name);
      if (known === undefined) agentIds.set(name, [agentId]);
      else known.push(agentId);
    }
    return agentIds;
  };
  return {
    siteName: (id) => organisation.site(id)?.name ?? null,
    agentName: (agentId) => directory.get(agentId)?.name ?? null,
    siteIdsOf: (name) => siteIds.get(name) ?? [],
    agentIdsOf: (name) => byAgentName().get(name) ?? [],
  };
}

/** Throws with every problem of the file at its path. */
function plannedSaves(parts: HandlerParts, file: PolicyFile, who: string): PlannedSave[] {
  const stored = parts.organisation.policies.map((policy) => policy.stored);
  const names = namesOf(parts);
  const fields: TargetProblem[] = [];
  const seen = new Set<string>();
  let priority = Math.max(0, ...stored.filter(({ isGlobal }) => !isGlobal).map((policy) => policy.priority));
  const saves = file.policies.map((imported, index): PlannedSave => {
    const path = `file.policies.${index}`;
    const key = imported.isGlobal ? '' : imported.name;
    if (seen.has(key)) fields.push({ path: `${path}.name`, message: `The file has "${imported.name}" twice.` });
    seen.add(key);
    const same = stored.filter(({ isGlobal, name }) =>
      imported.isGlobal ? isGlobal : !isGlobal && name === imported.name,
    );
    if (same.length > 1) {
      const message = `${same.length} policies here are called "${imported.name}": rename them first.`;
      fields.push({ path: `${path}.name`, message });
    }
    const problems: TargetProblem[] = [];
    const target = importedTarget(imported.target, names, problems);
    fields.push(...problems.map((problem) => ({ ...problem, path: `${path}.target.${problem.path}` })));
    const [before] = same;
    const saved = { settings: imported.settings, updatedAtMs: parts.now(), updatedBy: who };
    if (before === undefined) {
      priority++;
      const made = { id: randomUUID(), name: imported.name, priority, isGlobal: false, target, version: 1, ...saved };
      return { before: null, after: made, changed: [] };
    }
    // Global always matches, wherever it comes from.
    const after = {
      ...before,
      ...saved,
      target: before.isGlobal ? before.target : target,
      version: before.version + 1,
    };
    const changed = differences(
      { target: before.target, settings: before.settings },
      { target: after.target, settings: after.settings },
    );
    return { before, after, changed };
  });
  const [first] = fields;
  if (first !== undefined) {
    throw new Refusal('invalid-request', `${first.path}: ${first.message}`, { fields: fields.slice(0, 100) });
  }
  return saves;
}

async function write(parts: HandlerParts, saves: readonly PlannedSave[], who: string): Promise<void> {
  const effective = saves.filter(({ before, changed }) => before === null || changed.length > 0);
  if (effective.length === 0) return;
  const atMs = parts.now();
  const action = 'import-policy';
  try {
    const ids = await parts.writes.write(async (transaction) => {
      const written: number[] = [];
      for (const { before, after } of effective) {
        if (before === null) await insertPolicy(transaction, after);
        else if (!(await updatePolicy(transaction, after))) throw new StaleVersionError();
        const entry = { atMs, who, action, subject: after.name, before, after };
        written.push(await insertAuditEntry(transaction, entry));
      }
      return written;
    });
    for (const id of ids) noteChange({ id, action });
  } catch (error) {
    if (!(error instanceof StaleVersionError)) throw error;
    throw new Refusal('conflict', 'Somebody saved one of these policies meanwhile; nothing was imported. Try again.');
  } finally {
    await parts.organisation.reload('policies');
  }
}

function answerOf(saves: readonly PlannedSave[], dryRun: boolean): PolicyImport {
  const known = saves.filter(({ before }) => before !== null);
  return {
    dryRun,
    created: saves.filter(({ before }) => before === null).map(({ after }) => after.name),
    updated: known
      .filter(({ changed }) => changed.length > 0)
      .map(({ after, changed }) => ({ name: after.name, changed: [...changed] })),
    unchanged: known.filter(({ changed }) => changed.length === 0).map(({ after }) => after.name),
  };
}
