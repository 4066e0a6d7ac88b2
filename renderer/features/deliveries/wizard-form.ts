import type { InstallSchedule } from '../../../shared/contracts/deliveries.ts';
import { maxTries } from '../../../shared/contracts/deliveries.ts';
import type { Delivery, DeliveryDraft } from '../../../shared/contracts/deliveries-api.ts';
import { deliveryDraftSchema, plainDeliverySpec } from '../../../shared/contracts/deliveries-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';

/** What the wizard holds while somebody types: a draft, with the installation in the form of its fields. */
export interface WizardForm extends Omit<DeliveryDraft, 'guid' | 'version' | 'installation'> {
  readonly isInstalled: boolean;
  readonly schedule: InstallSchedule;
  readonly commandFile: string;
  /** One a line. */
  readonly argumentsText: string;
  readonly durationSeconds: number;
  readonly tries: number;
}

export type ChangeForm = (change: Partial<WizardForm>) => void;

/** By the path of a field, such as `laterStages.0.start.hours`. */
export type Problems = ReadonlyMap<string, string>;

export const wizardSteps = ['reach', 'stages', 'times', 'installation', 'summary'] as const;
export type WizardStep = (typeof wizardSteps)[number];

export const stepWords: Record<WizardStep, string> = {
  reach: 'Whom and how urgent',
  stages: 'Stages',
  times: 'Times',
  installation: 'Installation',
  summary: 'Summary',
};

export function formOf(delivery: Delivery | null): WizardForm {
  const spec = delivery ?? plainDeliverySpec;
  const { laterStages, availableFromMs, downloadWindows, deadlineMs, installation } = spec;
  const { ignoresTotalBlockouts, ignoresSiteLimits } = spec;
  return {
    target: delivery?.target ?? { kind: 'all' },
    priority: delivery?.priority ?? 'normal',
    ...{ laterStages, availableFromMs, downloadWindows, deadlineMs, ignoresTotalBlockouts, ignoresSiteLimits },
    isInstalled: installation !== null,
    schedule: installation?.schedule ?? { kind: 'by-policy' },
    commandFile: installation?.command?.file ?? '',
    argumentsText: installation?.command?.arguments.join('\n') ?? '',
    durationSeconds: installation?.durationSeconds ?? 0,
    tries: installation?.tries ?? maxTries,
  };
}

interface PackageVersion {
  readonly guid: DeliveryDraft['guid'];
  readonly version: string;
}

export function draftOf({ guid, version }: PackageVersion, form: WizardForm): DeliveryDraft {
  const { isInstalled, schedule, commandFile, argumentsText, durationSeconds, tries, ...rest } = form;
  const isEmergency = form.priority === 'emergency';
  const file = commandFile.trim();
  return {
    ...rest,
    ...{ guid, version },
    // Only the author of an emergency may say these; they stay ticked in the form in case the priority comes back.
    ignoresTotalBlockouts: isEmergency && form.ignoresTotalBlockouts,
    ignoresSiteLimits: isEmergency && form.ignoresSiteLimits,
    installation: isInstalled
      ? {
          schedule,
          command: file === '' ? null : { file, arguments: argumentsOf(argumentsText) },
          ...{ durationSeconds, tries },
        }
      : null,
  };
}

/** Spaces inside of a line belong to the argument; empty lines are none. */
export function argumentsOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** What the contract says against a draft, beside which field. */
export function problemsOf(draft: DeliveryDraft): Problems {
  const parsed = deliveryDraftSchema.safeParse(draft);
  const problems = new Map<string, string>();
  for (const { path, message, code } of parsed.error?.issues ?? []) {
    const name = path.join('.');
    if (problems.has(name)) continue;
    // What is no number was typed as none.
    if (code !== 'invalid_type') problems.set(name, message);
    else problems.set(name, name.endsWith('Ms') ? 'Enter a date and a time.' : 'Enter a number.');
  }
  return problems;
}

/** The problems of one part, by what comes after it. */
export function problemsBelow(problems: Problems, part: string): Problems {
  const found = [...problems].filter(([name]) => name.startsWith(`${part}.`));
  return new Map(found.map(([name, message]) => [name.slice(part.length + 1), message]));
}

export function stepOfField(name: string): WizardStep {
  if (name.startsWith('laterStages')) return 'stages';
  if (/^(availableFromMs|deadlineMs|downloadWindows)/.test(name)) return 'times';
  return name.startsWith('installation') ? 'installation' : 'reach';
}

export function stepsWithProblems(problems: Problems): ReadonlySet<WizardStep> {
  return new Set([...problems.keys()].map(stepOfField));
}

/** How many agents each stage has for itself: each agent belongs to the first stage that means it. */
export function membersOfStages<Agent>(
  targets: readonly Target[],
  agentsIn: (target: Target) => readonly Agent[],
): readonly number[] {
  const taken = new Set<Agent>();
  return targets.map((target) => {
    const before = taken.size;
    for (const agent of agentsIn(target)) taken.add(agent);
    return taken.size - before;
  });
}

/** A moment as `datetime-local` has it, by the clock of this computer; '' where it is none. */
export function momentText(atMs: number): string {
  if (Number.isNaN(atMs)) return '';
  const at = new Date(atMs);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** NaN where it is no moment, which the contract refuses. */
export function momentOf(text: string): number {
  return new Date(text).getTime();
}
