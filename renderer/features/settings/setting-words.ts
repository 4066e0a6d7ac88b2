import { type SettingDescriptor, settingDescriptors } from '../../../shared/contracts/setting-descriptors.ts';
import type { AgentSettingKey, AgentSettings } from '../../../shared/contracts/settings.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import type { BlockoutPeriod, ThrottlingPeriod } from '../../../shared/contracts/week-periods.ts';
import { targetWords } from '../../components/words.ts';
import type { PolicyPart } from '../../stores/policy-conflict.ts';
import { periodsWords } from './period-words.ts';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });

/** A value of a setting as a person says it: `30 s`, `Unlimited`, `On`, `Mon–Fri 08:00–18:00 500 KB/s`. */
export function settingValueWords(descriptor: SettingDescriptor, value: AgentSettings[AgentSettingKey]): string {
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  if (typeof value === 'number') return numberWords(descriptor, value);
  const { control } = descriptor;
  if (typeof value === 'string') return control.kind === 'choice' ? chosenLabels(control.options, [value]) : value;
  if (value.length === 0) return 'None';
  const periods = periodsIn(value);
  if (periods.length > 0) return periodsWords(periods);
  const items = value.filter((item) => typeof item === 'string');
  return control.kind === 'conditions' ? chosenLabels(control.options, items) : items.join(', ');
}

/** The same in lines, one for each period, where there is room for them. */
export function settingValueLines(
  descriptor: SettingDescriptor,
  value: AgentSettings[AgentSettingKey],
): readonly string[] {
  const periods = Array.isArray(value) ? periodsIn(value) : [];
  return periods.length === 0
    ? [settingValueWords(descriptor, value)]
    : periods.map((period) => periodsWords([period]));
}

function periodsIn(list: readonly (string | ThrottlingPeriod | BlockoutPeriod)[]) {
  return list.filter((item) => typeof item !== 'string');
}

function numberWords({ control, key }: SettingDescriptor, value: number): string {
  if (control.kind === 'integer' && control.zeroMeans !== undefined && value === 0)
    return capitalised(control.zeroMeans);
  const unit = control.kind === 'integer' || control.kind === 'decimal' ? control.unit : '';
  // A port is a name, not a quantity.
  const number = key === 'port' ? String(value) : grouped.format(value);
  return unit === '' ? number : `${number} ${unit}`;
}

function chosenLabels(
  options: readonly { readonly value: string; readonly label: string }[],
  chosen: readonly string[],
): string {
  return options
    .filter((option) => chosen.includes(option.value))
    .map((option) => option.label)
    .join(', ');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function partLabel(part: PolicyPart): string {
  if (part === 'name') return 'Name';
  if (part === 'target') return 'Target';
  return settingDescriptors.find((descriptor) => descriptor.key === part)?.label ?? part;
}

/** The value of one part of a policy as a person says it. */
export function partValueWords(
  part: PolicyPart,
  value: string | Target | AgentSettings[AgentSettingKey],
  sites: readonly Site[],
): string {
  const descriptor = settingDescriptors.find((candidate) => candidate.key === part);
  if (descriptor !== undefined) return settingValueWords(descriptor, value as AgentSettings[AgentSettingKey]);
  if (typeof value === 'string') return value;
  return targetWords(value as Target, (id) => sites.find((site) => site.id === id)?.name);
}
