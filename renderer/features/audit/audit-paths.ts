/** The changes of things of this name. */
export function auditPath(subject: string): string {
  return `/audit?${new URLSearchParams({ subject }).toString()}`;
}

/** The name that a path of the audit trail asks for; '' = all. */
export function subjectOfPath(path: string): string {
  return new URLSearchParams(path.split('?')[1] ?? '').get('subject') ?? '';
}
