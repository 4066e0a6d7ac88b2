import { randomUUID } from 'node:crypto';
import type { Delivery, DeliveryDraft, DeliverySpec } from '../../../shared/contracts/deliveries-api.ts';
import { deliverySpecSchema, maximumDeliveryAgents } from '../../../shared/contracts/deliveries-api.ts';
import type { DeliveryState } from '../../../shared/contracts/delivery-state.ts';
import { signedSnapshotSchema, snapshotSchema } from '../../../shared/contracts/snapshot.ts';
import type { DeliveryEvent } from '../../../shared/server/deliveries/delivery-progress.ts';
import { newDelivery, nextStage } from '../../../shared/server/deliveries/delivery-progress.ts';
import { rulesOf } from '../../../shared/server/deliveries/delivery-stages.ts';
import type { StoredDelivery } from '../../database/stores/delivery-store.ts';
import {
  deliveryAgents,
  insertDelivery,
  loadPenetration,
  saveDeliveryState,
  updateDelivery,
} from '../../database/stores/delivery-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { ChangedDelivery } from '../deliveries/delivery-desk.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { statusOf } from './delivery-views.ts';
import type { NamedTarget } from './known-sites.ts';
import { refuseUnknownSites } from './known-sites.ts';

type DeliveryRoutes =
  | 'deliveries'
  | 'delivery'
  | 'deliveryAgents'
  | 'deliveryPenetration'
  | 'createDelivery'
  | 'updateDelivery'
  | 'pauseDelivery'
  | 'resumeDelivery'
  | 'startNextStage'
  | 'cancelDelivery'
  | 'retryDelivery';

type Deed = Extract<
  DeliveryEvent['kind'],
  'paused' | 'resumed' | 'cancelled' | 'failed-retried' | 'next-stage-started'
>;

const auditActions: Readonly<Record<Deed, string>> = {
  paused: 'pause-delivery',
  resumed: 'resume-delivery',
  cancelled: 'cancel-delivery',
  'failed-retried': 'retry-delivery',
  'next-stage-started': 'start-delivery-stage',
};

/** Deliveries: what administrators make of them. The rules of their course are in shared/server. */
export function deliveryHandlers(parts: HandlerParts): Pick<ConsoleHandlers, DeliveryRoutes> {
  const { organisation, views, deliveries: desk } = parts;

  const stored = (id: string): StoredDelivery => {
    const found = organisation.delivery(id);
    if (found === null) throw new Refusal('not-found', 'There is no such delivery.');
    return found.stored;
  };
  const shown = async (delivery: StoredDelivery): Promise<Delivery> => {
    const view = await views.delivery(delivery);
    if (view === null) throw new Refusal('not-found', 'The package was removed meanwhile.');
    return view;
  };
  const subjectOf = ({ key, id }: StoredDelivery): string => {
    const found = organisation.package(key);
    return found === null ? id : `${found.name} ${found.version}`;
  };

  const deliverable = async ({ guid, version, installation }: DeliveryDraft): Promise<StoredPackage> => {
    const found = organisation.packageVersion(guid, version);
    if (found === null) throw new Refusal('not-found', 'There is no such package version.');
    if (found.withdrawnAtMs !== null) {
      throw new Refusal('conflict', 'This package version was withdrawn: import and deliver a newer one.');
    }
    const file = installation?.command?.file;
    if (file !== undefined && !(await hasFile(parts, found, file))) {
      throw badField('installation.command.file', `The package has no file "${file}".`);
    }
    return found;
  };

  /** Stores a delivery as new, and counts its agents at once, so that its answer says how many there are. */
  const begin = async (delivery: StoredDelivery, isPaused: boolean, change: { who: string; before: unknown }) => {
    const fresh: DeliveryState = { ...newDelivery(rulesOf(delivery.spec, delivery.createdAtMs)), isPaused };
    const [members = []] = await desk.membersOf([organisation.prepareDelivery(delivery, fresh)]);
    const isNew = change.before === null;
    let changed: ChangedDelivery | null = null;
    const action = isNew ? 'create-delivery' : 'update-delivery';
    await writeAudited(
      parts,
      { ...change, action, subject: subjectOf(delivery), after: delivery },
      async (transaction) => {
        if (isNew) await insertDelivery(transaction, delivery);
        else await updateDelivery(transaction, delivery);
        await saveDeliveryState(transaction, delivery.id, fresh);
        changed = await desk.change(transaction, delivery, [{ kind: 'members-counted', atMs: parts.now(), members }]);
      },
    );
    await desk.committed(changed === null ? [] : [changed]);
    await organisation.reload('deliveries');
    return shown(delivery);
  };

  const act = async (id: string, deed: Deed, who: string): Promise<Delivery> => {
    const delivery = stored(id);
    const rules = rulesOf(delivery.spec, delivery.createdAtMs);
    const state = desk.stateOf(delivery);
    const problem = problemOf(deed, state);
    if (problem !== null) throw new Refusal('conflict', problem);
    let changed: ChangedDelivery | null = null;
    const facts = (of: DeliveryState) => ({
      id,
      status: statusOf(rules, of),
      round: of.round,
      nextStage: nextStage(of),
    });
    const after = deed === 'cancelled' ? { ...state, isCancelled: true } : state;
    const change = {
      who,
      action: auditActions[deed],
      subject: subjectOf(delivery),
      before: facts(state),
      after: { ...facts(after), deed },
    };
    await writeAudited(parts, change, async (transaction) => {
      changed = await desk.change(transaction, delivery, [{ kind: deed, atMs: parts.now() }]);
    });
    await desk.committed(changed === null ? [] : [changed]);
    return shown(delivery);
  };

  return {
    deliveries: () => views.deliveries(),
    delivery: ({ params: { id } }) => shown(stored(id)),

    deliveryAgents: async ({ params: { id }, query: { state } }) => {
      const rows = await deliveryAgents(parts.database, stored(id).id, state ?? null, maximumDeliveryAgents);
      return rows.map((row) => ({ ...row, name: parts.directory.get(row.agentId)?.name ?? '' }));
    },

    deliveryPenetration: ({ params: { id } }) => loadPenetration(parts.database, stored(id).id),

    createDelivery: async ({ body, signedIn }) => {
      refuseUnknownSites(parts.organisation, targetsOf(body));
      const { key } = await deliverable(body);
      const { target, priority } = body;
      const made = { id: randomUUID(), key, target, priority, createdAtMs: parts.now(), createdBy: signedIn.name };
      return begin({ ...made, spec: specOf(body) }, false, { who: signedIn.name, before: null });
    },

    updateDelivery: async ({ params: { id }, body, signedIn }) => {
      const before = stored(id);
      const state = desk.stateOf(before);
      if (state.isCancelled || nextStage(state) !== 0) {
        throw new Refusal(
          'conflict',
          'This delivery has begun: it can be paused or cancelled, but not changed any more.',
        );
      }
      refuseUnknownSites(parts.organisation, targetsOf(body));
      const { key } = await deliverable(body);
      if (key !== before.key) throw badField('guid', 'A delivery keeps its package version; make another delivery.');
      const after = { ...before, target: body.target, priority: body.priority, spec: specOf(body) };
      return begin(after, state.isPaused, { who: signedIn.name, before });
    },

    pauseDelivery: ({ params: { id }, signedIn }) => act(id, 'paused', signedIn.name),
    resumeDelivery: ({ params: { id }, signedIn }) => act(id, 'resumed', signedIn.name),
    startNextStage: ({ params: { id }, signedIn }) => act(id, 'next-stage-started', signedIn.name),
    cancelDelivery: ({ params: { id }, signedIn }) => act(id, 'cancelled', signedIn.name),
    retryDelivery: ({ params: { id }, signedIn }) => act(id, 'failed-retried', signedIn.name),
  };
}

/** Why it cannot be done now; null: it can. */
function problemOf(deed: Deed, state: DeliveryState): string | null {
  if (state.isCancelled) return 'This delivery was cancelled. Make another one.';
  switch (deed) {
    case 'paused':
      return state.isPaused ? 'This delivery is paused already.' : null;
    case 'resumed':
      return state.isPaused ? null : 'This delivery is not paused.';
    case 'next-stage-started':
      return nextStage(state) === null ? 'Every stage of this delivery has begun.' : null;
    case 'failed-retried':
      return state.stages.some(({ counts }) => counts.failed > 0) ? null : 'No agent has failed in this delivery.';
    case 'cancelled':
      return null;
  }
}

function targetsOf({ target, laterStages }: DeliveryDraft): NamedTarget[] {
  const later = laterStages.map((stage, index) => ({ path: `laterStages.${index}.target`, target: stage.target }));
  return [{ path: 'target', target }, ...later];
}

function specOf(draft: DeliveryDraft): DeliverySpec {
  return deliverySpecSchema.parse(draft);
}

function badField(path: string, message: string): Refusal {
  return new Refusal('invalid-request', message, { fields: [{ path, message }] });
}

async function hasFile({ library }: HandlerParts, { key }: StoredPackage, file: string): Promise<boolean> {
  const { payload } = signedSnapshotSchema.parse(JSON.parse(await library.snapshotJson(key)));
  const { files } = snapshotSchema.parse(JSON.parse(Buffer.from(payload, 'base64').toString()));
  return files.some(({ path }) => path === file);
}
