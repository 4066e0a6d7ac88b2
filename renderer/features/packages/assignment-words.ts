import type { PackageAssignment } from '../../../shared/contracts/package-servers-api.ts';

export const assignmentModes: Readonly<Record<PackageAssignment['mode'], string>> = {
  'on-demand': 'On demand: a Package Server fetches it when a computer asks for it',
  all: 'All Package Servers, those that come later included',
  sites: 'The Package Servers of these sites',
  listed: 'These Package Servers',
};

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Which Package Servers keep a package, as a sentence. */
export function assignmentWords(
  assignment: PackageAssignment,
  sites: readonly Named[],
  servers: readonly Named[],
): string {
  const names = (ids: readonly string[], known: readonly Named[]) =>
    ids.map((id) => known.find((other) => other.id === id)?.name ?? 'one that is gone').join(', ');
  switch (assignment.mode) {
    case 'on-demand':
      return 'No Package Server has to keep it. One that is asked for it fetches it then.';
    case 'all':
      return 'Every Package Server keeps it, those that come later included.';
    case 'sites':
      return `The Package Servers of these sites keep it: ${names(assignment.siteIds, sites)}.`;
    case 'listed':
      return `These Package Servers keep it: ${names(assignment.agentIds, servers)}.`;
  }
}
