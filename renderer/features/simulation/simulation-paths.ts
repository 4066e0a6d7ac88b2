export function simulationPath(id?: string): string {
  return id === undefined ? '/simulation' : `/simulation/${encodeURIComponent(id)}`;
}
