import type { PackageServer, PackageServerSettings } from '../../../shared/contracts/package-servers-api.ts';
import {
  defaultPackageServerSettings,
  packageServerSettingsSchema,
} from '../../../shared/contracts/package-servers-api.ts';

/** What the form of a Package Server holds. */
export interface PackageServerForm extends PackageServerSettings {
  /** '' = the site of its address. */
  readonly siteId: string;
}

export const packageServerLabels: Record<keyof PackageServerForm, string> = {
  siteId: 'Serves the site',
  enabled: 'Serves',
  constrained: 'Constrained',
  maxUpload: 'Upload to all together',
  maxCache: 'Share of its disk',
  freshFor: 'Looked up again after',
};

export const newPackageServerForm: PackageServerForm = { ...defaultPackageServerSettings, siteId: '' };

export function formOfPackageServer(server: PackageServer): PackageServerForm {
  const { enabled, constrained, maxUpload, maxCache, freshFor, siteId } = server;
  return { siteId: siteId ?? '', enabled, constrained, maxUpload, maxCache, freshFor };
}

/** The first problem of each field, before anything is sent. */
export function packageServerProblems(form: PackageServerForm): ReadonlyMap<string, string> {
  const parsed = packageServerSettingsSchema.safeParse(form);
  const problems = new Map<string, string>();
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = String(path[0]);
    // What is no number at all has no sentence of its own in the contract.
    const words = Number.isNaN(form[field as keyof PackageServerForm]) ? 'Enter a whole number.' : message;
    if (!problems.has(field)) problems.set(field, words);
  }
  return problems;
}

export function bodyOfForm({ siteId, ...settings }: PackageServerForm) {
  return { ...settings, siteId: siteId === '' ? null : siteId };
}

/** In one word, as the list has it. */
export function packageServerState({ enabled, online }: Pick<PackageServer, 'enabled' | 'online'>): string {
  if (!enabled) return 'Switched off';
  return online ? 'Online' : 'Offline';
}
