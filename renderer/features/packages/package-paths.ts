/** The address of one version of a package. */
export function packagePath(guid: string, version: string): string {
  return `/packages/${guid}/${encodeURIComponent(version)}`;
}
