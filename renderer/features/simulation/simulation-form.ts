import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import type { GeneratedOrganisation } from '../../../shared/contracts/simulation.ts';
import {
  defaultGeneratedOrganisation,
  defaultSimulationRequest,
  previewAgentBound,
} from '../../../shared/contracts/simulation.ts';
import type { SimulationOrder } from '../../../shared/contracts/simulations-api.ts';
import { defaultServerOrganisation, simulationOrderSchema } from '../../../shared/contracts/simulations-api.ts';

/** What the fields hold; it may be wrong. */
export interface SimulationForm {
  readonly kind: 'server' | 'generated';
  readonly generated: GeneratedOrganisation;
  /** As it is typed: hours from UTC, `-5, 1, 8`. */
  readonly zones: string;
  readonly packageMebibytes: number;
  readonly priority: SimulationOrder['priority'];
  readonly faults: SimulationOrder['faults'];
  readonly seed: number;
  /** Null = everything, as long as it takes. */
  readonly maximumWallSeconds: number | null;
  readonly maxVirtualHours: number;
  /** '' = what a new server has with peer downloading on. */
  readonly policyId: string;
  /** Null = nothing to compare with. */
  readonly otherPolicyId: string | null;
}

export interface KnownPolicy {
  readonly id: string;
  readonly name: string;
  readonly settings: AgentSettings;
}

export const standardPolicyName = 'Defaults, peer downloading on';

export function newForm(kind: SimulationForm['kind'], policies: readonly KnownPolicy[]): SimulationForm {
  const { packageMebibytes, priority, faults, seed, maxVirtualHours } = defaultSimulationRequest;
  return {
    ...{ kind, generated: defaultGeneratedOrganisation, zones: zonesText(defaultGeneratedOrganisation) },
    ...{ packageMebibytes, priority, faults, seed, maxVirtualHours, maximumWallSeconds: 10 },
    ...{ policyId: policies[0]?.id ?? '', otherPolicyId: null },
  };
}

/** What was ordered, to be changed and ordered again. A policy that is there no longer becomes the defaults. */
export function formOf(order: SimulationOrder, policies: readonly KnownPolicy[]): SimulationForm {
  const { organisation, packageMebibytes, priority, faults, seed, maxVirtualHours, maximumWallSeconds } = order;
  const generated =
    organisation.kind === 'generated'
      ? organisation
      : { ...defaultGeneratedOrganisation, ...fieldsOfBoth(organisation) };
  const idOf = (name: string | undefined) => policies.find((policy) => policy.name === name)?.id ?? '';
  const [first, second] = order.variants;
  return {
    ...{ kind: organisation.kind, generated, zones: zonesText(generated) },
    ...{ packageMebibytes, priority, faults, seed, maxVirtualHours, maximumWallSeconds },
    ...{ policyId: idOf(first?.name), otherPolicyId: second === undefined ? null : idOf(second.name) },
  };
}

type ForBoth = 'lanKilobitsPerSecond' | 'onlineHours' | 'laptopPercent';

function fieldsOfBoth(from: Pick<GeneratedOrganisation, ForBoth>): Pick<GeneratedOrganisation, ForBoth> {
  const { lanKilobitsPerSecond, onlineHours, laptopPercent } = from;
  return { lanKilobitsPerSecond, onlineHours, laptopPercent };
}

export type OrderOrProblems =
  | { readonly order: SimulationOrder; readonly problems: ReadonlyMap<string, string> }
  | { readonly order: null; readonly problems: ReadonlyMap<string, string> };

/** The order that the fields make, or what is wrong with them by the last part of the path, e.g. `agents`. */
export function orderOf(form: SimulationForm, policies: readonly KnownPolicy[]): OrderOrProblems {
  const { kind, generated, zones, policyId, otherPolicyId, ...rest } = form;
  const variant = (id: string) => {
    const policy = policies.find((known) => known.id === id);
    return { name: policy?.name ?? standardPolicyName, settings: policy?.settings ?? null };
  };
  const organisation =
    kind === 'server'
      ? { ...defaultServerOrganisation, ...fieldsOfBoth(generated) }
      : { ...generated, utcOffsetsMinutes: zonesOf(zones) };
  const parsed = simulationOrderSchema.safeParse({
    ...rest,
    organisation,
    variants: [policyId, ...(otherPolicyId === null ? [] : [otherPolicyId])].map(variant),
    agentBound: rest.maximumWallSeconds === null ? null : previewAgentBound,
  });
  if (parsed.success) return { order: parsed.data, problems: new Map() };
  const problems = new Map<string, string>();
  for (const { path, message } of parsed.error.issues) {
    const field = path.filter((part) => typeof part === 'string').at(-1) ?? '';
    const isZone = field === 'utcOffsetsMinutes' && path.length > 2;
    if (!problems.has(field))
      problems.set(field, isZone ? 'List hours from UTC, -12 to 14, such as -5, 1, 8.' : message);
  }
  return { order: null, problems };
}

function zonesText({ utcOffsetsMinutes }: GeneratedOrganisation): string {
  return utcOffsetsMinutes.map((minutes) => minutes / 60).join(', ');
}

/** Minutes; NaN for what is no number, which the contract refuses. */
function zonesOf(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '').map((part) => Number(part) * 60);
}
